import type { OutgoingInstance } from './outgoing-instance.ts';

/** Objects looked at before an association is opened, so that it can propose what they need (and their bytes in memory). */
const LOOK_AHEAD = 128;
const LOOK_AHEAD_BYTES = 64 * 1024 * 1024;

type Source = AsyncIterable<OutgoingInstance> | Iterable<OutgoingInstance>;

/** An object, and those behind it that are in memory already; the object is the first of them. */
interface Upcoming {
  readonly object: OutgoingInstance;
  readonly upcoming: readonly OutgoingInstance[];
}

/**
 * Each object with those behind it. More are asked for while one is sent, and only when it has left: between the answer of a
 * peer and the next object nothing is done that can be done later. When their maker fails, what it made goes out first.
 */
export async function* lookAhead(objects: Source): AsyncGenerator<Upcoming> {
  const maker = allOf(objects);
  const waiting = new Waiting(maker);
  try {
    await waiting.fill();
    for (let first = await waiting.first(); first !== undefined; first = await waiting.first()) {
      waiting.refillLater();
      yield { object: first, upcoming: waiting.objects };
      waiting.drop();
    }
  } finally {
    await waiting.rest();
    await maker.return();
  }
}

class Waiting {
  readonly #maker: AsyncGenerator<OutgoingInstance>;
  readonly objects: OutgoingInstance[] = [];
  #bytes = 0;
  #isLast = false;
  #filling: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;

  constructor(maker: AsyncGenerator<OutgoingInstance>) {
    this.#maker = maker;
  }

  /** Until it is full, or there are no more. */
  async fill(): Promise<void> {
    try {
      while (!this.#isLast && this.objects.length <= LOOK_AHEAD && this.#bytes <= LOOK_AHEAD_BYTES) {
        const made = await this.#maker.next();
        if (made.done === true) this.#isLast = true;
        else {
          this.objects.push(made.value);
          this.#bytes += memoryOf(made.value);
        }
      }
    } catch (cause) {
      this.#isLast = true;
      this.#failure = { cause };
    }
  }

  /** @throws what the maker threw, when all that it made before has been given. */
  async first(): Promise<OutgoingInstance | undefined> {
    while (this.objects.length === 0 && !this.#isLast) await (this.#filling ?? this.fill());
    if (this.objects.length === 0 && this.#failure !== undefined) throw this.#failure.cause;
    return this.objects[0];
  }

  drop(): void {
    const first = this.objects.shift();
    if (first !== undefined) this.#bytes -= memoryOf(first);
  }

  refillLater(): void {
    this.#filling ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.fill())
      .finally(() => {
        this.#filling = undefined;
      });
  }

  /** Settles when nothing is being made any more. */
  async rest(): Promise<void> {
    this.#isLast = true;
    await this.#filling;
  }
}

async function* allOf<One>(all: AsyncIterable<One> | Iterable<One>): AsyncGenerator<One, void, void> {
  yield* all;
}

const memoryOf = ({ dataset }: OutgoingInstance): number => (dataset instanceof Uint8Array ? dataset.length : 0);
