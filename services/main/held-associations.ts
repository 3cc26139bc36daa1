import { z } from 'zod';
import type { SupervisedRole } from './supervise.ts';

/** Open associations by peer, between receivers that share a port and their supervisor. */
export const HeldMessage = z.object({ type: z.literal('associations'), held: z.record(z.string(), z.number()) });
type Held = z.infer<typeof HeldMessage>['held'];

/** Passes on what each receiver holds, so that limits of a peer hold for all of them together, a few milliseconds late. */
export class SharedLimits {
  readonly #receivers = new Map<string, { readonly role: SupervisedRole; held: Held }>();

  add(name: string, role: SupervisedRole): void {
    this.#receivers.set(name, { role, held: {} });
  }

  /** A receiver that has died holds nothing. */
  told(name: string, held: Held): void {
    const receiver = this.#receivers.get(name);
    if (receiver === undefined) return;
    receiver.held = held;
    for (const other of this.#receivers.keys()) if (other !== name) this.tell(other);
  }

  /** To a receiver, what all others hold. */
  tell(name: string): void {
    const held: Held = {};
    for (const [other, receiver] of this.#receivers) {
      if (other === name) continue;
      for (const [peer, count] of Object.entries(receiver.held)) held[peer] = (held[peer] ?? 0) + count;
    }
    this.#receivers.get(name)?.role.send({ type: 'associations', held } satisfies z.infer<typeof HeldMessage>);
  }
}
