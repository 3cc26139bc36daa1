import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ChangeEvent } from '../../services/domain/contract/system.ts';

/** How the stream of changes stands; `since` as `Date.now()`. */
export type LiveState =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'lost'; readonly since: number };

const CONNECTING: LiveState = { state: 'connecting' };
const LIVE: LiveState = { state: 'live' };

const RECONNECT_MS = 3000;
/** Many images arrive at once: one reading for all events of this time. */
const GATHER_MS = 300;

/**
 * Listens to `/api/events` and has what changed read again. An event says what to read, never what it is: the screen
 * always shows what the server answers. It is live when the stream is open and no sooner.
 */
export function useLive(): LiveState {
  const queries = useQueryClient();
  const [live, setLive] = useState<LiveState>(CONNECTING);

  useEffect(() => {
    const timers = { gather: 0, reconnect: 0 };
    const changed = new Set<string>();
    const current: { source: EventSource | undefined } = { source: undefined };

    const readAgain = () => {
      timers.gather = 0;
      void queries.invalidateQueries({ queryKey: ['worklist'] });
      for (const StudyInstanceUID of changed) void queries.invalidateQueries({ queryKey: ['study', StudyInstanceUID] });
      changed.clear();
    };

    const connect = () => {
      const source = new EventSource('/api/events');
      current.source = source;
      source.onopen = () => {
        setLive(LIVE);
        // Events may have been missed, also before the first: everything that changes on screen is read again.
        for (const queryKey of [['worklist'], ['study']]) void queries.invalidateQueries({ queryKey });
      };
      source.addEventListener('change', ({ data }: MessageEvent<string>) => {
        const event = ChangeEvent.safeParse(parseJson(data));
        if (!event.success) return;
        changed.add(event.data.StudyInstanceUID);
        if (timers.gather === 0) timers.gather = window.setTimeout(readAgain, GATHER_MS);
      });
      source.onerror = () => {
        setLive((before) => (before.state === 'lost' ? before : { state: 'lost', since: Date.now() }));
        if (source.readyState !== EventSource.CLOSED) return;
        timers.reconnect = window.setTimeout(connect, RECONNECT_MS);
      };
    };

    connect();
    return () => {
      clearTimeout(timers.gather);
      clearTimeout(timers.reconnect);
      current.source?.close();
    };
  }, [queries]);

  return live;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
