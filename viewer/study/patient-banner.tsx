import { ActionIcon } from '@mantine/core';
import { Link } from 'wouter';
import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { clockTime, isoDate } from '../dates.ts';
import { LanguageSwitch } from '../frame/language-switch.tsx';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { ageAndSex, patientNames } from '../worklist/patient-words.ts';

/** Whose images these are; always on screen. */
export function PatientBanner({ study }: { readonly study: WorklistStudy }) {
  const { t } = useText();
  const [name, ...otherGroups] = patientNames(study, t);
  const { PatientID, PatientBirthDate, AccessionNumber, StudyDescription, StudyDate, StudyTime } = study;
  return (
    <section className="patient-banner" aria-label={t('study.patient')}>
      <ActionIcon component={Link} href="/worklist" variant="subtle" color="gray" aria-label={t('app.toWorklist')}>
        <Icon name="back" size={18} />
      </ActionIcon>
      <h1>
        {name}
        {otherGroups.map((group) => (
          <span key={group} className="other-name">
            {group}
          </span>
        ))}
        <span className="age-sex">{ageAndSex(study, t)}</span>
      </h1>
      <dl>
        <Fact name={t('patient.born')} value={isoDate(PatientBirthDate)} />
        <Fact name={t('patient.id')} value={PatientID || t('patient.noId')} />
        <Fact name={t('patient.accession')} value={AccessionNumber} />
        <Fact
          name={t('patient.study')}
          value={`${StudyDescription || t('study.noDescription')} · ${isoDate(StudyDate)} ${clockTime(StudyTime)}`}
        />
      </dl>
      <LanguageSwitch />
    </section>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  if (value.trim() === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
