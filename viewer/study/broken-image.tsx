import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import type { ImageFailure } from '../slice.ts';
import { CopyButton } from './copy-button.tsx';

interface BrokenImageProps {
  readonly index: number;
  readonly failure: ImageFailure;
  readonly SOPInstanceUID: string;
}

/** Over the pixels, so that neither black nor another image can be taken for this one; its UID is for the PACS. */
export function BrokenImage({ index, failure, SOPInstanceUID }: BrokenImageProps) {
  const { t } = useText();
  return (
    <div className="broken-image" role="alert" data-failure={failure.kind}>
      <Icon name="warning" size={28} />
      <strong>{t('plane.broken', { index: index + 1 })}</strong>
      <span>{t(`failure.${failure.kind}`)}</span>
      <code>{failure.detail}</code>
      <code>{SOPInstanceUID}</code>
      <CopyButton text={SOPInstanceUID} label={t('plane.copyUid')} />
    </div>
  );
}
