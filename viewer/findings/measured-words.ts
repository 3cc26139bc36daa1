import type { Finding, LesionDensity } from '../../services/domain/finding.ts';

type Key = 'findings.axes' | 'findings.pleura' | `density.${LesionDensity}`;

/** Long by short axis, density and distance to the pleura, as far as they were measured; empty where nothing was. */
export function measuredWords(
  { measurement }: Pick<Finding, 'measurement'>,
  t: (key: Key, values?: Record<string, string>) => string,
): string {
  if (!measurement) return '';
  const { longAxisMm, shortAxisMm, density, pleuraMm } = measurement;
  return [
    t('findings.axes', { long: longAxisMm.toFixed(1), short: shortAxisMm.toFixed(1) }),
    ...(density ? [t(`density.${density}`)] : []),
    ...(pleuraMm === null ? [] : [t('findings.pleura', { mm: pleuraMm.toFixed(0) })]),
  ].join(' · ');
}
