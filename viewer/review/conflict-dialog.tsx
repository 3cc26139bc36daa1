import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { sizeBehind } from '../findings/size-words.ts';
import { useText } from '../locales/i18n.ts';
import type { Translate } from '../locales/translate.ts';
import type { Difference, Side } from './diff-readings.ts';
import { setReviewUi } from './review-ui.ts';
import { type Review, useReview, useSession } from './use-review.ts';
import { localMinute, readerWords, verdictWords } from './verdict-words.ts';

const close = () => setReviewUi({ dialog: undefined });

/** Two drafts of one reading, finding by finding. Nothing is written before a side was chosen for each. */
export function ConflictDialog() {
  const { t } = useText();
  const review = useReview();
  const conflict = useSession(review.session, (state) => state.conflict);
  const [chosen, setChosen] = useState<ReadonlyMap<string, Side>>(new Map());
  if (!conflict) return null;
  const { theirs, differences } = conflict;
  const sideOf = ({ TrackingUID, proposed }: Difference): Side | undefined => chosen.get(TrackingUID) ?? proposed;
  const complete = differences.every((difference) => sideOf(difference) !== undefined);
  const signed = theirs.state === 'SIGNED';
  const who = readerWords(theirs.reader) || t('conflict.somebody');
  const values = { who, time: localMinute(theirs.changedAt) };
  const amends = signed && differences.some((difference) => sideOf(difference) === 'mine');
  const apply = () => {
    const sides = differences.flatMap((difference) => {
      const side = sideOf(difference);
      return side ? [[difference.TrackingUID, side] as const] : [];
    });
    close();
    void review.session.resolve(new Map(sides));
  };
  return (
    <Modal
      opened
      size="lg"
      onClose={close}
      title={t(signed ? 'conflict.signedTitle' : 'conflict.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <p>{t(signed ? 'conflict.signedText' : 'conflict.text', values)}</p>
      <table className="conflict">
        <thead>
          <tr>
            <th scope="col">{t('conflict.finding')}</th>
            <th scope="col">{t('conflict.mine')}</th>
            <th scope="col">{t('conflict.theirs')}</th>
          </tr>
        </thead>
        <tbody>
          {differences.map((difference) => (
            <tr key={difference.TrackingUID} data-chosen={sideOf(difference) ?? 'none'}>
              <th scope="row">{nameOf(difference, review, t)}</th>
              {(['mine', 'theirs'] as const).map((side) => (
                <td key={side}>
                  <label>
                    <input
                      type="radio"
                      name={difference.TrackingUID}
                      checked={sideOf(difference) === side}
                      onChange={() => setChosen(new Map([...chosen, [difference.TrackingUID, side]]))}
                    />{' '}
                    {wordsOf(difference[side], t)}
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div className="dialog-buttons">
        <Button variant="default" onClick={close}>
          {t('conflict.later')}
        </Button>
        <Button disabled={!complete} onClick={apply}>
          {t(complete ? (amends ? 'conflict.applyAmend' : 'conflict.apply') : 'conflict.choose')}
        </Button>
      </div>
    </Modal>
  );
}

function wordsOf(said: Difference['mine'], t: Translate): string {
  if (said === undefined) return t('conflict.nothing');
  const size = 'lesion' in said ? sizeBehind(said.lesion.diameterMm) : '';
  return `${verdictWords(said, t)}${size}`;
}

function nameOf({ TrackingUID, mine, theirs }: Difference, { detail }: Review, t: Translate): string {
  const known = detail.runs.flatMap(({ findings }) => findings).find((finding) => finding.TrackingUID === TrackingUID);
  if (known) return t('conflict.findingOf', { index: known.index });
  const said = [mine, theirs].find((one) => one && 'lesion' in one);
  const center = said && 'lesion' in said ? said.lesion.center : null;
  const place = center?.map((mm) => Math.round(mm)).join(' / ') ?? '?';
  return t('conflict.findingUnknown', { place });
}
