import type { PeersInfo } from '../../services/domain/contract/peers.ts';
import { useText } from '../locales/i18n.ts';
import { DiagnosisWords } from './diagnosis-words.tsx';
import { momentIn } from './moment.ts';

/** When it last worked; and why not, where that is newer. */
export function LastContact({ contact }: { readonly contact: PeersInfo['strangers'][number] | undefined }) {
  const { t, language } = useText();
  if (contact === undefined) return t('console.never');
  const { lastAssociationAt, lastFailureAt, lastFailure } = contact;
  const fails = lastFailureAt !== null && (lastAssociationAt === null || lastFailureAt > lastAssociationAt);
  return (
    <>
      <span>{lastAssociationAt === null ? t('console.never') : momentIn(language, lastAssociationAt)}</span>
      <DiagnosisWords diagnosis={fails ? lastFailure : null} />
    </>
  );
}
