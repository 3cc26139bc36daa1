import { expect, it } from 'vitest';
import { SharedLimits } from '../../services/main/held-associations.ts';

it('each receiver hears what the others hold, a new one at once, and of a dead one nothing more', () => {
  const heard: [name: string, held: unknown][] = [];
  const limits = new SharedLimits();
  for (const name of ['a', 'b', 'c'])
    limits.add(name, {
      ready: Promise.resolve(undefined),
      pid: () => undefined,
      send: (message) => heard.push([name, 'held' in message && message.held]),
      stop: () => Promise.resolve(),
    });
  limits.told('a', { PACS: 2 });
  expect(heard.splice(0)).toEqual([
    ['b', { PACS: 2 }],
    ['c', { PACS: 2 }],
  ]);
  limits.told('b', { PACS: 1, CT: 3 });
  expect(heard.splice(0)).toEqual([
    ['a', { PACS: 1, CT: 3 }],
    ['c', { PACS: 3, CT: 3 }],
  ]);
  limits.tell('c');
  expect(heard.splice(0)).toEqual([['c', { PACS: 3, CT: 3 }]]);
  limits.told('a', {});
  expect(heard).toEqual([
    ['b', {}],
    ['c', { PACS: 1, CT: 3 }],
  ]);
});
