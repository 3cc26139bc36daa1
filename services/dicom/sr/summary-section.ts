import { CONCEPT } from './codes.ts';
import { type ContentItem, container, text, uidref } from './content-item.ts';
import { tid1204Language } from './tid-1001-observation-context.ts';

export interface SummarySection {
  readonly language: 'en' | 'zh-CN';
  readonly lines: readonly SectionLine[];
}

export interface SectionLine {
  readonly is: 'conclusion' | 'finding' | 'hint';
  /** Not empty. */
  readonly text: string;
  /** Of the measurement group that it is about. */
  readonly TrackingUID: string | undefined;
}

const ELEMENT = {
  conclusion: CONCEPT.conclusion,
  finding: CONCEPT.finding,
  hint: CONCEPT.recommendation,
} as const;

/**
 * What a report says in sentences: the section (121111, DCM, "Summary") of CID 7001 with elements of CID 7002, built as
 * TID 2000 builds its sections (TID 2002), in a language of its own (TID 1204). TID 1500 is extensible and has no row for it.
 */
export const summarySection = ({ language, lines }: SummarySection): ContentItem =>
  container('CONTAINS', CONCEPT.summary, [tid1204Language(language), ...lines.map(element)]);

const element = ({ is, text: said, TrackingUID }: SectionLine): ContentItem =>
  text(
    'CONTAINS',
    ELEMENT[is],
    said,
    TrackingUID === undefined ? [] : [uidref('HAS PROPERTIES', CONCEPT.trackingUniqueIdentifier, TrackingUID)],
  );
