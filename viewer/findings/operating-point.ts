import type { Finding } from '../../services/domain/finding.ts';

/** What a display threshold leaves on screen; the hidden are counted, never silently dropped. */
export function atThreshold(
  findings: readonly Finding[],
  threshold: number,
): { readonly shown: readonly Finding[]; readonly hidden: number } {
  const shown = findings.filter(({ score }) => score >= threshold);
  return { shown, hidden: findings.length - shown.length };
}

/** The finding `steps` after the selected one, around the end; from nowhere to the first, or backwards to the last. */
export function neighbour<F extends Pick<Finding, 'TrackingUID'>>(
  findings: readonly F[],
  selected: string | undefined,
  steps: 1 | -1,
): F | undefined {
  const at = findings.findIndex(({ TrackingUID }) => TrackingUID === selected);
  if (at < 0) return findings.at(steps === 1 ? 0 : -1);
  return findings[(at + steps + findings.length) % findings.length];
}
