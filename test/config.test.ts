import { expect, it } from 'vitest';
import { loadConfig } from '../services/config.ts';

it('needs no setting at all', () => {
  expect(loadConfig({ PATH: '/bin' })).toMatchObject({ AE_TITLE: 'OVERREAD', DIMSE_PORT: 11_112, PACS: [] });
});

it('lists every invalid setting at once', () => {
  const wrong = { AE_TITLE: 'A'.repeat(17), DIMSE_PORT: '-1', PACS: 'archive' };
  expect(() => loadConfig(wrong)).toThrow(/AE_TITLE[\s\S]*DIMSE_PORT[\s\S]*PACS/);
  expect(() => loadConfig(wrong)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

it('reads several destinations', () => {
  expect(loadConfig({ PACS: 'ARCHIVE@10.0.0.5:104, SECOND AE@[::1]:11112' }).PACS).toEqual([
    { AETitle: 'ARCHIVE', host: '10.0.0.5', port: 104 },
    { AETitle: 'SECOND AE', host: '::1', port: 11_112 },
  ]);
});

it.each([
  ['DATABASE_URL', 'redis://127.0.0.1'],
  ['QUEUE_URL', 'postgres://127.0.0.1/overread'],
  ['PACS', 'ARCHIVE@10.0.0.5:99999'],
])('%s refuses %s', (setting, value) => {
  expect(() => loadConfig({ [setting]: value })).toThrow(setting);
});

it('reads how each model is read', () => {
  expect(loadConfig({}).READING_MODES).toEqual({});
  const { READING_MODES } = loadConfig({ READING_MODES: 'lung-nodule-ct=second, other = triage' });
  expect(READING_MODES).toEqual({ 'lung-nodule-ct': 'second', other: 'triage' });
  for (const wrong of ['lung-nodule-ct', 'lung-nodule-ct=third', '=second'])
    expect(() => loadConfig({ READING_MODES: wrong })).toThrow('READING_MODES');
});
