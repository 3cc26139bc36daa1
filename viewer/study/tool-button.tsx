import type { ReactNode } from 'react';
import { type KeyAction, keyLabel } from '../bindings/key-actions.ts';
import { useBindings } from '../bindings/use-bindings.ts';
import { Icon, type IconName } from '../icon.tsx';

interface ToolButtonProps {
  readonly icon: IconName;
  readonly name: string;
  readonly action?: KeyAction;
  /** For a tool that stays on; nothing for one that acts at once. */
  readonly pressed?: boolean;
  readonly onPress: () => void;
  readonly children?: ReactNode;
}

/** A small button of the toolbar: its name and its key in a tip, its key also beside it. */
export function ToolButton({ icon, name, action, pressed, onPress, children }: ToolButtonProps) {
  const shown = useBindings(({ bindings }) => (action ? keyLabel(bindings[action]) : undefined));
  return (
    <button
      type="button"
      className="tool-button"
      aria-label={name}
      aria-keyshortcuts={shown}
      aria-pressed={pressed}
      data-key={shown}
      title={shown ? `${name} (${shown})` : name}
      onClick={onPress}
    >
      <Icon name={icon} />
      {children ? <span>{children}</span> : null}
    </button>
  );
}
