import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../services/config.ts';
import { accessOf } from '../../services/domain/peer-access.ts';
import { destinationName, moveDestination, resultPeers } from '../../services/main/destinations.ts';
import { loadPeers, peersInForce } from '../../services/main/peers.ts';
import { eventually } from '../dicom/net/receiver.ts';
import { fakeContext } from '../support/fake-context.ts';

const ct = { name: 'ct', AETitle: 'CT1', addresses: ['10.1.0.0/16'] };
const pacs = { name: 'pacs', AETitle: 'PACS', host: 'pacs.example.org', port: 104, results: true };
const station = { name: 'station', AETitle: 'STATION', host: '10.1.0.9', port: 11112, allow: ['verification', 'move'] };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'overread-peers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function settings(content: unknown, others: Readonly<Record<string, string>> = {}) {
  const file = join(folder, 'peers.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return loadConfig({ PEERS_FILE: file, ...others });
}

describe('PEERS_FILE', () => {
  it.each([
    ['text', '[{', 'is not JSON'],
    ['no list', {}, 'the file: Invalid input'],
    [
      'every mistake at once',
      [{ ...ct, name: 'a b', addresses: ['10.1.0.0/40'] }, pacs, { ...pacs, port: 0, tsl: true }],
      /entry 1, name: [\s\S]*entry 1, addresses\.0: [\s\S]*entry 3, port: [\s\S]*entry 3: Unrecognized key: "tsl"/,
    ],
    ['two of a name', [pacs, pacs], 'entry 2, name: pacs is there twice'],
  ])('%s is told', async (_, content, message) => {
    const loading = loadPeers(settings(content));
    await expect(loading).rejects.toMatchObject({ code: 'PEERS_INVALID' });
    await expect(loading).rejects.toThrow(message);
  });

  it('that is not there is told', async () => {
    await expect(loadPeers(loadConfig({ PEERS_FILE: join(folder, 'none.json') }))).rejects.toThrow('cannot be read');
  });

  it('is read again when it changes; a wrong one keeps the one in force, and says so', async () => {
    const context = fakeContext();
    const peers = await peersInForce(context, settings([ct]));
    try {
      expect(peers.table().peers.map(({ name }) => name)).toEqual(['ct']);
      settings([ct, pacs]);
      await eventually(() => peers.table().peers.length === 2, 30);
      settings('[{');
      await eventually(() => peers.problem() !== null, 30);
      expect(peers.table().peers).toHaveLength(2);
      expect(peers.problem()).toContain('is not JSON');
      expect(context.events).toContain('peers.not-loaded');
      rmSync(join(folder, 'peers.json'));
      await eventually(() => peers.problem()?.includes('cannot be read') === true, 30);
      settings([ct]);
      await eventually(() => peers.problem() === null && peers.table().peers.length === 1, 30);
    } finally {
      await peers.close();
    }
  });
});

describe('settings beside it', () => {
  it('PACS may send from everywhere, unless the file says who its AE title is', async () => {
    const config = settings([{ ...pacs, addresses: ['10.9.0.1'] }], { PACS: 'PACS@10.0.0.5:104,ARCHIVE@10.0.0.6:104' });
    const table = await loadPeers(config);
    expect(accessOf(table, { callingAETitle: 'ARCHIVE', address: '10.7.7.7' })).toMatchObject({
      peer: 'ARCHIVE@10.0.0.6:104',
    });
    expect(accessOf(table, { callingAETitle: 'PACS', address: '10.0.0.5' })).toMatchObject({
      refused: 'other address',
      peer: 'pacs',
    });
    const places = ['PACS@pacs.example.org:104', 'ARCHIVE@10.0.0.6:104', 'PACS@10.0.0.5:104'];
    expect(resultPeers(table, config).map(destinationName).toSorted()).toEqual(places.toSorted());
  });

  it('a place that is in both gets a result once, as its entry says', async () => {
    const config = settings([{ ...pacs, calledAETitle: 'READER' }], { PACS: 'PACS@pacs.example.org:104' });
    expect(resultPeers(await loadPeers(config), config)).toMatchObject([{ name: 'pacs', calledAETitle: 'READER' }]);
  });

  it('C-MOVE sends to who may itself retrieve, and to MOVE_DESTINATIONS', async () => {
    const config = settings([pacs, station], { MOVE_DESTINATIONS: 'AWAY@10.0.0.8:104' });
    const table = await loadPeers(config);
    expect(moveDestination(table, config, 'STATION')).toMatchObject({ host: '10.1.0.9', port: 11112 });
    expect(moveDestination(table, config, 'AWAY')).toMatchObject({ host: '10.0.0.8' });
    expect(moveDestination(table, config, 'PACS')).toBeUndefined();
  });

  it('without any, this machine alone may send', async () => {
    const table = await loadPeers(loadConfig({}));
    expect(accessOf(table, { callingAETitle: 'ANY', address: '127.0.0.1' })).toMatchObject({
      calledAETitle: 'OVERREAD',
    });
    expect(accessOf(table, { callingAETitle: 'ANY', address: '10.0.0.1' })).toEqual({ refused: 'unknown caller' });
  });
});
