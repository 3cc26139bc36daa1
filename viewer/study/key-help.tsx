import { Kbd, Modal } from '@mantine/core';
import type { MessageKey } from '../locales/en.ts';
import { useText } from '../locales/i18n.ts';

// biome-ignore format: a table
const KEYS: readonly (readonly [keys: readonly string[], meaning: MessageKey])[] = [
  [['N', 'Shift N'],      'keys.next'],
  [['A', 'X', 'D'],       'keys.verdicts'],
  [['E', 'M'],            'keys.edit'],
  [['U', 'Ctrl Y'],       'keys.undo'],
  [['Ctrl S', 'Ctrl ↵'],  'keys.save'],
  [['V'],                 'keys.reveal'],
  [['Y'],                 'keys.summary'],
  [['Space'],             'keys.space'],
  [['O'],                 'keys.overlay'],
  [[',', '.'],            'keys.threshold'],
  [['1', '2', '3', '4', '5'], 'keys.presets'],
  [['↑', '↓'],            'keys.slices'],
  [['Home', 'End'],       'keys.ends'],
  [['+', '-', '='],       'keys.zoom'],
  [['Esc'],               'keys.escape'],
  [['?'],                 'keys.help'],
];

export function KeyHelp({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useText();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('keys.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <dl className="key-help">
        {KEYS.map(([keys, meaning]) => (
          <div key={meaning} className="key-help-row">
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{t(meaning)}</dd>
          </div>
        ))}
        <div className="key-help-row">
          <dt>{t('keys.mouse')}</dt>
          <dd>{t('keys.mouseText')}</dd>
        </div>
      </dl>
    </Modal>
  );
}
