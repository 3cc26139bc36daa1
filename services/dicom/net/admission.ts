/** Something that can be cut off to make room. */
interface Connection {
  drop(): void;
}

/** Open associations by peer, its name or address. */
export type HeldAssociations = Readonly<Record<string, number>>;

/**
 * Who may come in. Open associations are counted, in all and per peer, by its name or address; connections that are none yet (or no
 * more) are kept few by dropping the oldest, so a flood of silent ones cannot keep a real sender out. Where several processes
 * listen on one port, each tells what it holds and counts what it has heard of the others.
 */
export class Admission {
  readonly #maxAssociations: number;
  readonly #maxPerPeer: number;
  readonly #maxPending: number;
  readonly #perPeer = new Map<string, number>();
  readonly #pending = new Set<Connection>();
  readonly #tell: (held: HeldAssociations) => void;
  #associations = 0;
  #others: ReadonlyMap<string, number> = new Map();
  #ofOthers = 0;

  constructor(
    maxAssociations: number,
    maxPerPeer: number,
    maxPending: number,
    tell: (held: HeldAssociations) => void = () => {},
  ) {
    this.#maxAssociations = maxAssociations;
    this.#maxPerPeer = maxPerPeer;
    this.#maxPending = maxPending;
    this.#tell = tell;
  }

  /** What the other processes hold now, all together. */
  othersHold(held: HeldAssociations): void {
    this.#others = new Map(Object.entries(held));
    this.#ofOthers = [...this.#others.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The part of a peer's associations that is here: 1 when no other process has one. */
  shareOf(peer: string): number {
    const here = this.#perPeer.get(peer) ?? 0;
    const there = this.#others.get(peer) ?? 0;
    return here === 0 || there === 0 ? 1 : here / (here + there);
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
    const isFull = this.#associations + this.#ofOthers >= this.#maxAssociations;
    if (isFull || ofPeer + (this.#others.get(peer) ?? 0) >= maxOfPeer) return false;
    this.#pending.delete(connection);
    this.#perPeer.set(peer, ofPeer + 1);
    this.#associations += 1;
    this.#tell(Object.fromEntries(this.#perPeer));
    return true;
  }

  /** The association is over; its socket may linger, so it counts as pending again. */
  leave(connection: Connection, peer: string): void {
    const ofPeer = (this.#perPeer.get(peer) ?? 1) - 1;
    if (ofPeer === 0) this.#perPeer.delete(peer);
    else this.#perPeer.set(peer, ofPeer);
    this.#associations -= 1;
    this.#tell(Object.fromEntries(this.#perPeer));
    this.connected(connection);
  }
}
