import { Button } from '@mantine/core';
import { useState } from 'react';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';

/** Puts a text on the clipboard, and says that it did, or that the browser would not. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const { t } = useText();
  const [state, setState] = useState<'idle' | 'done' | 'refused'>('idle');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('done');
    } catch {
      setState('refused');
    }
  };
  return (
    <Button
      size="compact-xs"
      variant="default"
      leftSection={<Icon name="copy" size={13} />}
      onClick={() => void copy()}
    >
      {state === 'idle' ? label : t(state === 'done' ? 'app.copied' : 'app.notCopied')}
    </Button>
  );
}
