import { Kbd, Modal } from '@mantine/core';
import { useState } from 'react';
import { hasSingleKeys, switchSingleKeys } from '../keys.ts';
import { useText } from '../locales/i18n.ts';
import { REVIEW_HELP } from '../review/review-help.ts';
import { type HelpGroup, STUDY_HELP } from './study-keys.ts';

/** Groups of all that has keys on the study screen. */
const GROUPS: readonly HelpGroup[] = [REVIEW_HELP, ...STUDY_HELP];

export function KeyHelp({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useText();
  const [single, setSingle] = useState(hasSingleKeys);
  const change = (on: boolean) => {
    switchSingleKeys(on);
    setSingle(on);
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="xl"
      title={t('keys.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <div className="key-help">
        {GROUPS.map(({ title, rows }) => (
          <section key={title}>
            <h3>{t(title)}</h3>
            <dl>
              {rows.map(([keys, meaning]) => (
                <div key={meaning} className="key-help-row">
                  <dt>
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{t(meaning)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>{t('keys.mouse')}</h3>
          <p>{t('keys.mouseText')}</p>
          <label className="key-switch">
            <input type="checkbox" checked={single} onChange={({ currentTarget }) => change(currentTarget.checked)} />
            {t('keys.single')}
          </label>
          <p>{t('keys.singleText')}</p>
        </section>
      </div>
    </Modal>
  );
}
