import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { type Answer, countOf, firstOf } from '../domain/pull/answer.ts';
import { choosePriors, type PriorSubject } from '../domain/pull/choose-priors.ts';
import type { Archive, FoundBy, FoundStudy } from '../domain/pull/ports.ts';
import { yearsBefore } from '../domain/pull/study-date.ts';
import type { PriorRule } from '../domain/pull/watch-file.ts';
import { matchingSeries, type StudyFacts } from '../domain/routing/route-study.ts';
import { Uid } from '../domain/uid.ts';

export interface PriorPorts {
  readonly archive: Pick<Archive, 'find'>;
  beginSearches(rule: string): Promise<void>;
  dueSearches(
    rule: string,
    limit: number,
  ): Promise<readonly { readonly StudyInstanceUID: string; readonly attempts: number }[]>;
  factsOf(StudyInstanceUID: string): Promise<StudyFacts | undefined>;
  saveSearch(
    StudyInstanceUID: string,
    found: FoundBy,
    studies: readonly FoundStudy[],
    sentence?: string,
  ): Promise<void>;
  searchFailed(StudyInstanceUID: string, rule: string, sentence: string, againSeconds?: number): Promise<void>;
  readonly firstPauseSeconds: number;
}

const AT_ONCE = 20;
const UNEXPECTED = { code: 'INTERNAL', message: 'an unexpected error: the log has it' };
const MAX_ATTEMPTS = 20;
const LONGEST_PAUSE_SECONDS = 900;
/** No patient has more studies that one would look through. */
const MAX_CANDIDATES = 500;

const ASKED = {
  StudyInstanceUID: '',
  StudyTime: '',
  PatientBirthDate: '',
  IssuerOfPatientID: '',
  ModalitiesInStudy: '',
  StudyDescription: '',
  NumberOfStudyRelatedInstances: '',
};

/** Asks for the priors of the studies that arrived, by one rule; they are fetched when nothing newer waits. */
export async function findPriors({ log, signal }: Context, ports: PriorPorts, rule: PriorRule): Promise<void> {
  await ports.beginSearches(rule.name);
  for (const { StudyInstanceUID, attempts } of await ports.dueSearches(rule.name, AT_ONCE)) {
    try {
      const found = await search(ports, rule, StudyInstanceUID);
      log.info('priors.found', { rule: rule.name, StudyInstanceUID, priors: found });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof AppError)) log.error('pull.bug', error, { rule: rule.name });
      const { code, message } = error instanceof AppError ? error : UNEXPECTED;
      const pause = Math.min(LONGEST_PAUSE_SECONDS, ports.firstPauseSeconds * 2 ** Math.min(attempts, 10));
      const again = attempts + 1 < MAX_ATTEMPTS ? pause : undefined;
      await ports.searchFailed(StudyInstanceUID, rule.name, `${code}: ${message}`, again);
      log.warn('priors.not-found', { rule: rule.name, StudyInstanceUID, code, comment: message });
    }
  }
}

async function search(ports: PriorPorts, rule: PriorRule, StudyInstanceUID: string): Promise<number> {
  const by: FoundBy = { peer: rule.peer, by: rule.name, how: rule.fetch, asPrior: !rule.analyse, rank: 1 };
  const over = async (studies: readonly FoundStudy[], sentence?: string) => {
    await ports.saveSearch(StudyInstanceUID, by, studies, sentence);
    return studies.length;
  };
  const facts = await ports.factsOf(StudyInstanceUID);
  if (facts === undefined) return over([], 'the study is not here any more');
  if (matchingSeries(rule, facts).length === 0) return over([], 'the rule does not ask for priors of this study');
  const subject = subjectOf(facts);
  const StudyDate = yearsBefore(facts.study.StudyDate?.[0] ?? '', rule.notOlderThanYears);
  if (StudyDate === undefined) return over([], 'the study has no date');
  // There is no way to ask for such a letter itself (PS3.4 §C.2.2.2.4): the answer would be somebody else's studies.
  if (subject.PatientID === '' || /[*?\\]/.test(subject.PatientID))
    return over([], 'the study has no Patient ID, or one that a query takes for a pattern');
  const asked = { ...ASKED, PatientID: subject.PatientID, StudyDate };
  const answers: Answer[] = [];
  for await (const answer of ports.archive.find(rule.by, 'STUDY', asked)) {
    if (Uid.safeParse(firstOf(answer, 'StudyInstanceUID')).success) answers.push(answer);
    if (answers.length >= MAX_CANDIDATES) break;
  }
  const chosen = choosePriors(rule, subject, await withBodyParts(ports, rule, subject, answers));
  return over(
    chosen.map((answer) => ({
      StudyInstanceUID: firstOf(answer, 'StudyInstanceUID'),
      announced: countOf(answer, 'NumberOfStudyRelatedInstances'),
    })),
  );
}

function subjectOf({ StudyInstanceUID, study, series }: StudyFacts): PriorSubject {
  const first = (keyword: string) => study[keyword]?.[0] ?? '';
  const words = (keyword: string) => series.flatMap(({ values }) => values[keyword] ?? []);
  const parts = words('BodyPartExamined');
  return {
    StudyInstanceUID,
    PatientID: first('PatientID'),
    IssuerOfPatientID: first('IssuerOfPatientID'),
    PatientBirthDate: first('PatientBirthDate'),
    modalities: study.ModalitiesInStudy ?? [],
    // What was examined is said by the images; a description is asked where they do not.
    words:
      parts.length > 0 ? parts : [first('StudyDescription'), ...words('SeriesDescription'), ...words('ProtocolName')],
  };
}

/** Body parts are said by series: asked of the candidates that a choice by everything else would leave, and some more. */
async function withBodyParts(
  { archive }: PriorPorts,
  rule: PriorRule,
  subject: PriorSubject,
  answers: readonly Answer[],
): Promise<readonly Answer[]> {
  if (!rule.same.includes('bodyRegion')) return answers;
  const candidates = choosePriors({ same: rule.same, atMost: 4 * rule.atMost }, subject, answers);
  const known: Answer[] = [];
  for (const candidate of candidates) {
    const StudyInstanceUID = firstOf(candidate, 'StudyInstanceUID');
    const parts = new Set<string>();
    for await (const series of archive.find(rule.by, 'SERIES', {
      StudyInstanceUID,
      SeriesInstanceUID: '',
      BodyPartExamined: '',
    }))
      for (const part of series.BodyPartExamined ?? []) if (part !== '') parts.add(part);
    known.push({ ...candidate, BodyPartExamined: [...parts] });
  }
  return known;
}
