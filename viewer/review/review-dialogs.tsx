import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { Reader } from '../../services/domain/contract/reading.ts';
import { useText } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { ConflictDialog } from './conflict-dialog.tsx';
import { keepReader } from './kept-drafts.ts';
import { setReviewUi, useReviewUi } from './review-ui.ts';
import { SignDialog } from './sign-dialog.tsx';
import { openFindings, type StrangePatient } from './signing.ts';
import { SummaryDialog } from './summary-dialog.tsx';
import { useReview, useSession } from './use-review.ts';
import { typedName } from './verdict-words.ts';

interface ReviewDialogsProps {
  readonly series: ImageSeries | undefined;
  readonly stranger: StrangePatient | undefined;
  readonly hidden: boolean;
}

/** One at a time; the images stay behind it. */
export function ReviewDialogs({ series, stranger, hidden }: ReviewDialogsProps) {
  const { session } = useReview();
  const dialog = useReviewUi((ui) => ui.dialog);
  const asksReader = useSession(session, (state) => state.asksReader);
  if (asksReader) return <ReaderDialog />;
  switch (dialog) {
    case 'sign':
      return <SignDialog stranger={stranger} hidden={hidden} />;
    case 'summary':
      return <SummaryDialog series={series} />;
    case 'conflict':
      return <ConflictDialog />;
    case 'exit':
      return <ExitDialog />;
    default:
      return null;
  }
}

const closeDialog = (): void => setReviewUi({ dialog: undefined, failure: undefined });

/** `Li, Na` as PN (PS3.5 §6.2): components are set apart by a caret, and a backslash would begin another name. */
const personName = (typed: string): string => typed.replaceAll('\\', ' ').replace(/\s*[,，]\s*/, '^');

/** Who reads. There is no login: the name is given once and kept in this browser. */
function ReaderDialog() {
  const { t } = useText();
  const { session } = useReview();
  const known = session.store.getState().reader;
  const [name, setName] = useState(typedName(known));
  const [organization, setOrganization] = useState(known?.organization ?? '');
  const reader = Reader.safeParse({ name: personName(name), organization: organization.replaceAll('\\', ' ') });
  const later = () => session.store.setState({ asksReader: false });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reader.success) return;
    keepReader(localStorage, reader.data);
    session.setReader(reader.data);
  };
  return (
    <Modal opened onClose={later} title={t('reader.title')} closeButtonProps={{ 'aria-label': t('app.close') }}>
      <form className="reader-form" onSubmit={submit}>
        <p>{t('reader.text')}</p>
        <TextInput
          data-autofocus
          label={t('reader.name')}
          placeholder={t('reader.nameHint')}
          maxLength={64}
          required
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <TextInput
          label={t('reader.organization')}
          maxLength={64}
          value={organization}
          onChange={({ target }) => setOrganization(target.value)}
        />
        <div className="dialog-buttons">
          <Button variant="default" onClick={later}>
            {t('reader.later')}
          </Button>
          <Button type="submit" disabled={!reader.success}>
            {t('reader.ok')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Leaving a reading that has verdicts and no signature. */
function ExitDialog() {
  const { t } = useText();
  const { session, detail, thresholdOf } = useReview();
  const [, navigate] = useLocation();
  const content = useSession(session, ({ review }) => review.content);
  const away = useSession(session, ({ saving }) => saving.name === 'away');
  const open = openFindings(content, detail.runs, thresholdOf).length;
  return (
    <Modal opened onClose={closeDialog} title={t('exit.title')} closeButtonProps={{ 'aria-label': t('app.close') }}>
      <p>{t('exit.text', { open })}</p>
      {away ? <p role="alert">{t('exit.notSaved')}</p> : null}
      <div className="dialog-buttons">
        <Button
          variant="default"
          onClick={() => {
            closeDialog();
            navigate('/worklist');
          }}
        >
          {t('exit.leave')}
        </Button>
        <Button variant="default" onClick={() => setReviewUi({ dialog: 'sign' })}>
          {t('sign.button')}
        </Button>
        <Button data-autofocus onClick={closeDialog}>
          {t('exit.stay')}
        </Button>
      </div>
    </Modal>
  );
}
