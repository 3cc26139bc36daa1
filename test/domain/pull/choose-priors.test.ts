import { describe, expect, it } from 'vitest';
import { type Answer, fulfils } from '../../../services/domain/pull/answer.ts';
import { choosePriors, regionsOf } from '../../../services/domain/pull/choose-priors.ts';
import { daysSince, yearsBefore } from '../../../services/domain/pull/study-date.ts';

const SUBJECT = {
  StudyInstanceUID: '1.1',
  PatientID: 'P1',
  IssuerOfPatientID: 'A',
  PatientBirthDate: '19600229',
  modalities: ['CT'],
  words: ['CHEST'],
};
const answer = (given: Readonly<Record<string, string>>): Answer =>
  Object.fromEntries(
    Object.entries({ PatientID: 'P1', ModalitiesInStudy: 'CT', StudyDate: '20240101', ...given }).map(
      ([key, value]) => [key, [value]],
    ),
  );
const chosen = (answers: readonly Answer[], atMost = 9) =>
  choosePriors({ same: ['Modality', 'bodyRegion'], atMost }, SUBJECT, answers).map(
    (each) => each.StudyInstanceUID?.[0],
  );

describe('the priors that a rule wants', () => {
  it('are of the same patient beyond doubt', () => {
    expect(
      chosen([
        answer({ StudyInstanceUID: '1.1' }),
        answer({ StudyInstanceUID: '1.2', PatientID: 'P12' }),
        answer({ StudyInstanceUID: '1.3', IssuerOfPatientID: 'B' }),
        answer({ StudyInstanceUID: '1.4', PatientBirthDate: '19600228' }),
        answer({ StudyInstanceUID: '1.5', IssuerOfPatientID: 'A', PatientBirthDate: '19600229' }),
      ]),
    ).toEqual(['1.5']);
  });

  it('are of the same modality and region, the newest first; those of no known region come after', () => {
    expect(
      chosen([
        answer({ StudyInstanceUID: '1.2', StudyDate: '20250101' }),
        answer({ StudyInstanceUID: '1.3', BodyPartExamined: 'LUNG', StudyDate: '20220101' }),
        answer({ StudyInstanceUID: '1.4', BodyPartExamined: 'HEAD', StudyDate: '20250601' }),
        answer({ StudyInstanceUID: '1.5', StudyDescription: 'Thorax nativ', StudyDate: '20230101' }),
        answer({ StudyInstanceUID: '1.6', BodyPartExamined: 'CHEST', ModalitiesInStudy: 'MR' }),
        answer({ StudyInstanceUID: '1.7', StudyDescription: '胸部平扫', StudyDate: '20210101' }),
      ]),
    ).toEqual(['1.5', '1.3', '1.7', '1.2']);
  });

  it('are at most so many', () => {
    const many = ['20230101', '20240101', '20220101'].map((StudyDate) =>
      answer({ StudyInstanceUID: `1.${StudyDate}`, StudyDate }),
    );
    expect(chosen(many, 2)).toEqual(['1.20240101', '1.20230101']);
  });
});

it('regions are told by body parts and descriptions', () => {
  expect([...regionsOf(['CHESTABDPELVIS'])]).toEqual(['chest', 'abdomen', 'pelvis']);
  expect([...regionsOf(['CT Schädel', 'unknown'])]).toEqual([]);
  expect(regionsOf(['WHOLEBODY']).size).toBe(7);
});

describe('a match of a peer that does not know a key', () => {
  const found: Answer = { ModalitiesInStudy: ['CT', 'SR'], StudyDescription: ['CT Chest'], StationName: [] };
  // biome-ignore format: a table
  it.each([
    [{ ModalitiesInStudy: 'CT' },                  true],
    [{ ModalitiesInStudy: 'MR' },                  false],
    [{ ModalitiesInStudy: 'MR\\SR' },              true],
    [{ StudyDescription: '*CHEST*' },              true],
    [{ StudyDescription: 'CHEST' },                false],
    [{ StationName: 'CT01', ProtocolName: 'x' },   true],
    [{ StudyTime: '0800-1200' },                   true],
  ])('%j: %s', (keys, expected) => {
    expect(fulfils(found, keys as Readonly<Record<string, string>>)).toBe(expected);
  });
});

it('dates are days of the clock on the wall', () => {
  expect(daysSince(new Date(2026, 2, 1, 1), 24)).toBe('20260228-');
  expect(yearsBefore('20240229', 1)).toBe('20230228-20240228');
  expect(yearsBefore('2024', 1)).toBeUndefined();
});
