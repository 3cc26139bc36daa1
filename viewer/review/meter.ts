import { useEffect } from 'react';
import type { ExperienceReport } from '../../services/domain/contract/experience.ts';
import { request } from '../api.ts';
import { experience } from './experience.ts';

const FLUSH_MS = 10_000;

async function send(measured: ExperienceReport['measured']): Promise<void> {
  const body = JSON.stringify({ measured } satisfies ExperienceReport);
  const headers = { 'content-type': 'application/json' };
  await request('/api/experience', { method: 'POST', headers, body, keepalive: true });
}

/** Of this page. */
export const meter = experience(
  (measured) => send([...measured]),
  () => performance.now(),
  () => document.visibilityState === 'visible',
);

/** Sends what was measured while a study is open, and when it is left. */
export function useMeter(): void {
  useEffect(() => {
    const timer = setInterval(meter.flush, FLUSH_MS);
    addEventListener('pagehide', meter.flush);
    return () => {
      clearInterval(timer);
      removeEventListener('pagehide', meter.flush);
      meter.flush();
    };
  }, []);
}
