import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandSet } from '../../../services/dicom/dimse/command.ts';
import { decodeCommand } from '../../../services/dicom/dimse/decode-command.ts';
import { encodeCommand } from '../../../services/dicom/dimse/encode-command.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { commandBytes } from '../../support/load-client.ts';

/** C-ECHO-RSP — PS3.7 Table 9.3-13, Implicit VR Little Endian, each element: group, element, length, value. */
// biome-ignore format: a table
const C_ECHO_RSP = Uint8Array.of(
  0x00, 0x00,  0x00, 0x00,  4, 0, 0, 0,   0x42, 0, 0, 0,                                  // CommandGroupLength = 66
  0x00, 0x00,  0x02, 0x00,  18, 0, 0, 0,  ...Buffer.from('1.2.840.10008.1.1\0'),          // AffectedSOPClassUID
  0x00, 0x00,  0x00, 0x01,  2, 0, 0, 0,   0x30, 0x80,                                     // CommandField
  0x00, 0x00,  0x20, 0x01,  2, 0, 0, 0,   0x07, 0x00,                                     // MessageIDBeingRespondedTo
  0x00, 0x00,  0x00, 0x08,  2, 0, 0, 0,   0x01, 0x01,                                     // CommandDataSetType
  0x00, 0x00,  0x00, 0x09,  2, 0, 0, 0,   0x00, 0x00,                                     // Status
);

const command: CommandSet = {
  AffectedSOPClassUID: '1.2.840.10008.1.1',
  CommandField: 0x8030,
  MessageIDBeingRespondedTo: 7,
  CommandDataSetType: 0x0101,
  Status: 0,
};

describe('a command set (PS3.7 §6.3.1, Table E.1-1)', () => {
  it('is written as the table shows it', () => {
    expect(new Uint8Array(encodeCommand(command))).toEqual(C_ECHO_RSP);
  });

  it('is read back', () => {
    expect(decodeCommand(C_ECHO_RSP)).toEqual(command);
  });

  it('is read without a group length, and with one that lies', () => {
    expect(decodeCommand(C_ECHO_RSP.subarray(12))).toEqual(command);
    const lie = Uint8Array.from(C_ECHO_RSP);
    lie.fill(0xff, 8, 12);
    expect(decodeCommand(lie)).toEqual(command);
  });

  it('skips elements it does not know and reads an empty one as absent', () => {
    expect(
      decodeCommand(
        commandBytes([
          [0x4242, 'whatever'],
          [0x0902, ''],
          [0x0110, 5],
        ]),
      ),
    ).toEqual({ MessageID: 5 });
  });

  it.each([
    ['a length beyond the set', Uint8Array.of(0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 1, 0)],
    ['a rest of an element', Uint8Array.of(0, 0, 0, 1)],
    ['an element of another group', Uint8Array.of(8, 0, 5, 0, 0, 0, 0, 0)],
    ['a US of three bytes', Uint8Array.of(0, 0, 0, 1, 3, 0, 0, 0, 1, 0, 0)],
    ['an element twice', Buffer.concat([C_ECHO_RSP, C_ECHO_RSP.subarray(12)])],
  ])('refuses %s', (_name, bytes) => {
    expect(() => decodeCommand(bytes)).toThrow(expect.objectContaining({ code: 'COMMAND_INVALID' }));
  });

  it('answers arbitrary bytes with a command set or an AppError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeCommand(Uint8Array.of(0, 0, 0, 1, ...bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
