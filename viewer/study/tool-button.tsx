import type { ReactNode } from 'react';
import { Icon, type IconName } from '../icon.tsx';

interface ToolButtonProps {
  readonly icon: IconName;
  readonly name: string;
  readonly keyName?: string;
  /** For a tool that stays on; nothing for one that acts at once. */
  readonly pressed?: boolean;
  readonly onPress: () => void;
  readonly children?: ReactNode;
}

/** A small button of the toolbar: its name and its key in a tip, its key also beside it. */
export function ToolButton({ icon, name, keyName, pressed, onPress, children }: ToolButtonProps) {
  const shown = keyName?.toUpperCase();
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
