import { useSince } from '../frame/clock.ts';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import type { AiState } from './ai-state.ts';
import { chipWords } from './chip-words.ts';

/** One AI state: icon, words and the facts behind them; never the colour alone. */
export function AiChip({ state }: { readonly state: AiState }) {
  const text = useText();
  const since = useSince();
  const { title, detail } = chipWords(state, text, since);
  return (
    <span className="ai-chip" data-state={state.name}>
      <Icon name={state.name === 'hidden' ? 'eyeOff' : state.name} size={18} />
      <span className="ai-chip-words">
        <strong>{title}</strong>
        <span className="ai-chip-detail" title={detail}>
          {detail}
        </span>
      </span>
    </span>
  );
}
