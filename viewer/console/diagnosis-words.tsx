import type { DoctorStep } from '../../services/domain/contract/peers.ts';
import { useText } from '../locales/i18n.ts';

/** Why it failed, and what to write to the administrator of the other side. */
export function DiagnosisWords({ diagnosis }: Pick<DoctorStep, 'diagnosis'>) {
  const { t, language } = useText();
  if (diagnosis === null) return null;
  const { sentence, request } = diagnosis.words[language];
  return (
    <>
      <p className="console-failure">{sentence}</p>
      <details>
        <summary>{t('console.toWrite')}</summary>
        <p>{request}</p>
      </details>
    </>
  );
}
