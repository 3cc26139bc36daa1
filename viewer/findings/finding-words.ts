import type { Finding } from '../../services/domain/finding.ts';
import type { MessageKey } from '../locales/en.ts';
import type { ListedFinding } from '../review/listed-findings.ts';
import { sizeValue } from './size-words.ts';

type Translate = (key: MessageKey) => string;

/** The class of a finding in the reader's language; a class without a word of ours as the model names it. */
export const labelWord = (label: string, t: Translate): string => (label === 'nodule' ? t('label.nodule') : label);

export const sideWord = (laterality: Finding['laterality'], t: Translate): string =>
  t(laterality === null ? 'side.unknown' : `side.${laterality}`);

/** The facts of a finding as placeholders of a message. */
export const findingValues = (finding: ListedFinding, t: Translate) => ({
  index: finding.index,
  label: labelWord(finding.label, t),
  mm: sizeValue(finding.diameterMm),
  score: finding.score?.toFixed(2) ?? '–',
  state: t(`verdict.${finding.state}`),
  side: sideWord(finding.laterality, t),
});
