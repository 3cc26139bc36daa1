import type { KeyAction } from './key-actions.ts';
import { useKeyLabel } from './use-bindings.ts';

/** The key of an action, as it is bound now. */
export const BoundKey = ({ action }: { readonly action: KeyAction }) => <kbd>{useKeyLabel(action)}</kbd>;
