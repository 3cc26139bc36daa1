import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { BoundKeys, KeyPreset } from '../bindings/bound-keys.tsx';
import { hasSingleKeys, switchSingleKeys } from '../keys.ts';
import { useText } from '../locales/i18n.ts';
import { jumpsClose, switchJumpsClose } from './jump-zoom.ts';

/** What every key does at this browser, and where it is given another. */
export function KeyHelp({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useText();
  const [editing, setEditing] = useState(false);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="xl"
      title={t('keys.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <div className="key-bar">
        <KeyPreset />
        <Button size="compact-sm" variant="default" aria-pressed={editing} onClick={() => setEditing(!editing)}>
          {t(editing ? 'keys.done' : 'keys.editKeys')}
        </Button>
      </div>
      <div className="key-help">
        <BoundKeys editing={editing} />
        <section>
          <h3>{t('keys.mouse')}</h3>
          <p>{t('keys.mouseText')}</p>
          <Switch words={t('keys.jumpZoom')} read={jumpsClose} write={switchJumpsClose} />
          <Switch words={t('keys.single')} read={hasSingleKeys} write={switchSingleKeys} />
          <p>{t('keys.singleText')}</p>
        </section>
      </div>
    </Modal>
  );
}

interface SwitchProps {
  readonly words: string;
  readonly read: () => boolean;
  readonly write: (on: boolean) => void;
}

function Switch({ words, read, write }: SwitchProps) {
  const [on, setOn] = useState(read);
  return (
    <label className="key-switch">
      <input
        type="checkbox"
        checked={on}
        onChange={({ currentTarget }) => {
          write(currentTarget.checked);
          setOn(currentTarget.checked);
        }}
      />
      {words}
    </label>
  );
}
