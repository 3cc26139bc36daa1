import { CONCEPT, VALUE } from './codes.ts';
import { type ContentItem, code, pname, textIfAny, uidref } from './content-item.ts';

/** The device that observed: TID 1004, with (121005, "Observer Type") of TID 1002 before it. */
export interface DeviceObserver {
  /** Names this installation, the same in every report of it. */
  readonly uid: string;
  readonly name: string;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly serialNumber: string;
}

/** The person who observed: TID 1003. */
export interface PersonObserver {
  readonly name: string;
  readonly organization: string;
}

/** TID 1005: the study that is reported. */
export interface Procedure {
  readonly StudyInstanceUID: string;
  /** Complete, also where it is too long for the attribute of that name. */
  readonly AccessionNumber: string;
}

const OBSERVES = 'HAS OBS CONTEXT';

const LANGUAGES = {
  en: [VALUE.english, VALUE.unitedStates],
  'zh-CN': [VALUE.chinese, VALUE.china],
} as const;

/** TID 1204: reports of ours are in English, but for sections that say otherwise. */
export function tid1204Language(language: keyof typeof LANGUAGES = 'en'): ContentItem {
  const [spoken, country] = LANGUAGES[language];
  return code('HAS CONCEPT MOD', CONCEPT.language, spoken, [
    code('HAS CONCEPT MOD', CONCEPT.countryOfLanguage, country),
  ]);
}

/** TID 1001: who observed, which procedure, and that the subject is the patient of the document. */
export const tid1001ObservationContext = (
  observer: DeviceObserver,
  procedure: Procedure,
  person?: PersonObserver,
): ContentItem[] => [
  ...(person ? tid1002PersonContext(person) : []),
  ...tid1002ObserverContext(observer),
  ...tid1005ProcedureContext(procedure),
  ...tid1006SubjectContext(),
];

/** TID 1002, a device, including TID 1004. */
const tid1002ObserverContext = (observer: DeviceObserver): ContentItem[] => [
  code(OBSERVES, CONCEPT.observerType, VALUE.device),
  uidref(OBSERVES, CONCEPT.deviceObserverUID, observer.uid),
  ...textIfAny(OBSERVES, CONCEPT.deviceObserverName, observer.name),
  ...textIfAny(OBSERVES, CONCEPT.deviceObserverManufacturer, observer.manufacturer),
  ...textIfAny(OBSERVES, CONCEPT.deviceObserverModelName, observer.modelName),
  ...textIfAny(OBSERVES, CONCEPT.deviceObserverSerialNumber, observer.serialNumber),
];

/** TID 1002, a person, including TID 1003. */
const tid1002PersonContext = ({ name, organization }: PersonObserver): ContentItem[] => [
  code(OBSERVES, CONCEPT.observerType, VALUE.person),
  pname(OBSERVES, CONCEPT.personObserverName, name),
  ...textIfAny(OBSERVES, CONCEPT.personObserverOrganization, organization),
];

const tid1005ProcedureContext = ({ StudyInstanceUID, AccessionNumber }: Procedure): ContentItem[] => [
  uidref(OBSERVES, CONCEPT.procedureStudyInstanceUID, StudyInstanceUID),
  ...textIfAny(OBSERVES, CONCEPT.accessionNumber, AccessionNumber),
];

const tid1006SubjectContext = (): ContentItem[] => [code(OBSERVES, CONCEPT.subjectClass, VALUE.patient)];
