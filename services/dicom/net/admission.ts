/** Something that can be cut off to make room. */
interface Connection {
  drop(): void;
}

/**
 * Who may come in. Open associations are counted, in all and per peer, by its name or address; connections that are none yet (or no
 * more) are kept few by dropping the oldest, so a flood of silent ones cannot keep a real sender out.
 */
export class Admission {
  readonly #maxAssociations: number;
  readonly #maxPerPeer: number;
  readonly #maxPending: number;
  readonly #perPeer = new Map<string, number>();
  readonly #pending = new Set<Connection>();
  #associations = 0;

  constructor(maxAssociations: number, maxPerPeer: number, maxPending: number) {
    this.#maxAssociations = maxAssociations;
    this.#maxPerPeer = maxPerPeer;
    this.#maxPending = maxPending;
  }

  get associations(): number {
    return this.#associations;
  }

  connected(connection: Connection): void {
    this.#pending.add(connection);
    if (this.#pending.size <= this.#maxPending) return;
    const [oldest] = this.#pending;
    if (oldest === undefined) return;
    this.#pending.delete(oldest);
    oldest.drop();
  }

  disconnected(connection: Connection): void {
    this.#pending.delete(connection);
  }

  /** False when it is full: the request is answered with temporary congestion. */
  enter(connection: Connection, peer: string, maxOfPeer = this.#maxPerPeer): boolean {
    const ofPeer = this.#perPeer.get(peer) ?? 0;
    if (this.#associations >= this.#maxAssociations || ofPeer >= maxOfPeer) return false;
    this.#pending.delete(connection);
    this.#perPeer.set(peer, ofPeer + 1);
    this.#associations += 1;
    return true;
  }

  /** The association is over; its socket may linger, so it counts as pending again. */
  leave(connection: Connection, peer: string): void {
    const ofPeer = (this.#perPeer.get(peer) ?? 1) - 1;
    if (ofPeer === 0) this.#perPeer.delete(peer);
    else this.#perPeer.set(peer, ofPeer);
    this.#associations -= 1;
    this.connected(connection);
  }
}
