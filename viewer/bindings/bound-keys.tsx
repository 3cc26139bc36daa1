import { Kbd } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useText } from '../locales/i18n.ts';
import { FIXED, type KeyAction, keyLabel, PRESETS, type PresetName, presetOf, rebound } from './key-actions.ts';
import { KEY_HELP, meaningOf } from './key-help-rows.ts';
import { keyName } from './key-name.ts';
import { keepBindings, useBindings } from './use-bindings.ts';

const MODIFIERS = ['Shift', 'Control', 'Alt', 'Meta', 'CapsLock', 'AltGraph'];

/** Every key and what it does; with `editing` each can be given another. */
export function BoundKeys({ editing }: { readonly editing: boolean }) {
  const { t } = useText();
  const [asked, setAsked] = useState<KeyAction | undefined>(undefined);
  const [said, setSaid] = useState('');
  const { bindings } = useBindings();
  usePressed(asked, (key) => {
    setAsked(undefined);
    if (asked === undefined || key === 'escape') return setSaid('');
    const made = rebound(asked, key, bindings);
    if ('bindings' in made) {
      keepBindings(made.bindings);
      setSaid(t('keys.bound', { key: keyLabel(key), meaning: t(meaningOf(asked)) }));
    } else
      setSaid(
        'taken' in made
          ? t('keys.taken', { key: keyLabel(key), meaning: t(meaningOf(made.taken)) })
          : t('keys.reserved', { key: keyLabel(key) }),
      );
  });
  return (
    <>
      {editing ? (
        <p className="key-said" role="status" data-asked={asked}>
          {asked ? t('keys.press', { meaning: t(meaningOf(asked)) }) : said || t('keys.choose')}
        </p>
      ) : null}
      {KEY_HELP.map(({ title, rows }) => (
        <section key={title}>
          <h3>{t(title)}</h3>
          <dl>
            {rows.map(([keys, meaning]) => (
              <div key={meaning} className="key-help-row">
                <dt>
                  {keys.map((told, at) => {
                    if (typeof told !== 'string') return <Kbd key={told.always}>{told.always}</Kbd>;
                    const label = keyLabel(bindings[told]);
                    if (!editing || FIXED.includes(told)) return <Kbd key={told}>{label}</Kbd>;
                    return (
                      <button
                        key={told}
                        type="button"
                        className="key-choice"
                        data-action={told}
                        data-asked={asked === told || undefined}
                        aria-label={t('keys.change', { key: label, meaning: t(meaning), place: at + 1 })}
                        onClick={() => setAsked(told)}
                      >
                        {label}
                      </button>
                    );
                  })}
                </dt>
                <dd>{t(meaning)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}

/** The next key alone, before anything else hears of it. */
function usePressed(asked: KeyAction | undefined, onKey: (key: string) => void): void {
  useEffect(() => {
    if (asked === undefined) return;
    const onDown = (event: KeyboardEvent) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (MODIFIERS.includes(event.key)) return;
      onKey(event.ctrlKey || event.metaKey || event.altKey ? 'control' : keyName(event));
    };
    addEventListener('keydown', onDown, { capture: true });
    return () => removeEventListener('keydown', onDown, { capture: true });
  });
}

/** Which set of keys is in force; another one takes the place of all of them. */
export function KeyPreset() {
  const { t } = useText();
  const name = useBindings(({ bindings }) => presetOf(bindings));
  return (
    <label className="key-switch">
      {t('keys.preset')}
      <select
        value={name ?? ''}
        onChange={({ currentTarget }) => keepBindings(PRESETS[currentTarget.value as PresetName])}
      >
        {name === undefined ? (
          <option value="" disabled>
            {t('keys.presetMine')}
          </option>
        ) : null}
        <option value="own">{t('keys.presetOwn')}</option>
        <option value="ohif">{t('keys.presetOhif')}</option>
      </select>
    </label>
  );
}
