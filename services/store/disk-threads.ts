import { Worker } from 'node:worker_threads';
import type { DiskOrder, DiskReply } from './disk-order.ts';
import { blocks } from './file-blocks.ts';

/** So many syncs are under way at once at most; a disk orders them better than we do. */
const MAX_THREADS = 4;
/** A thread holds a few numbers and hashes: what it was given lies outside of its heap. */
const HEAP_MB = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 };

type Told = PromiseWithResolvers<DiskReply>;

class DiskThread {
  readonly #worker: Worker;
  readonly #told: Told[] = [];
  openFiles = 0;
  hasEnded = false;

  constructor() {
    this.#worker = new Worker(new URL('./disk-thread.ts', import.meta.url), { resourceLimits: HEAP_MB });
    this.#worker.on('message', (reply: DiskReply) => {
      for (const block of reply.blocks ?? []) blocks.give(block);
      this.#told.shift()?.resolve(reply);
    });
    this.#worker.on('error', () => this.#ended());
    this.#worker.on('exit', () => this.#ended());
    this.#worker.unref();
  }

  tell(order: DiskOrder): Promise<DiskReply> {
    if (this.hasEnded) return Promise.resolve(GONE);
    const isAnswered = order.kind !== 'write' || order.unanswered !== true;
    this.#worker.postMessage(order, order.kind === 'write' ? [order.block] : []);
    if (!isAnswered) return NOTHING;
    const told = Promise.withResolvers<DiskReply>();
    this.#told.push(told);
    return told.promise;
  }

  #ended(): void {
    this.hasEnded = true;
    for (const { resolve } of this.#told.splice(0)) resolve(GONE);
  }
}

const GONE: DiskReply = { failed: { message: 'the thread that wrote the file is gone', code: 'EIO' } };

const NOTHING: Promise<DiskReply> = Promise.resolve({});

type OrderOfFile = DiskOrder extends infer Order ? (Order extends DiskOrder ? Omit<Order, 'file'> : never) : never;

/** The orders of one file go to one thread, which does them in turn. */
export interface FileOnDisk {
  /** @throws what the file system said, with its `code`. */
  tell(order: OrderOfFile): Promise<DiskReply>;
  /** No thread is at work for another file. */
  isAlone(): boolean;
  /** Nothing more will be told. */
  over(): void;
}

/**
 * Threads that hash, write and sync files beside the event loop; they start when they are needed and stay. A process has
 * one set of them, as it has one pool of libuv: what they share out is the machine.
 */
class DiskThreads {
  #threads: DiskThread[] = [];
  #files = 0;
  #openFiles = 0;

  /** No thread is at work. */
  get areIdle(): boolean {
    return this.#openFiles === 0;
  }

  open(): FileOnDisk {
    const thread = this.#leastBusy();
    thread.openFiles += 1;
    this.#openFiles += 1;
    this.#files += 1;
    const file = this.#files;
    return {
      async tell(order) {
        const reply = await thread.tell({ ...order, file });
        if (reply.failed === undefined) return reply;
        const { message, code } = reply.failed;
        throw Object.assign(new Error(message), { code });
      },
      isAlone: () => this.#openFiles === 1,
      over: () => {
        thread.openFiles -= 1;
        this.#openFiles -= 1;
      },
    };
  }

  #leastBusy(): DiskThread {
    this.#threads = this.#threads.filter(({ hasEnded }) => !hasEnded);
    const [least] = this.#threads.toSorted((a, b) => a.openFiles - b.openFiles);
    if (least !== undefined && (least.openFiles === 0 || this.#threads.length >= MAX_THREADS)) return least;
    const started = new DiskThread();
    this.#threads.push(started);
    return started;
  }
}

export const diskThreads = new DiskThreads();
