import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { AppError } from '../domain/errors.ts';
import { QUERY_LEVELS } from '../domain/query.ts';
import { addBench } from './commands/bench-options.ts';
import { addModel } from './commands/model-options.ts';
import type { DoctorOptions, FindOptions, GetOptions, RoutesCheckOptions } from './commands/options.ts';

/** What every command that calls a peer may be told. */
interface Asked {
  readonly from?: string;
  readonly tls: boolean;
}
const OUR_TITLE = 'our own AE title (default: OVERREAD_SCU, or what the table of peers says)';
const BY_TLS = 'call an AET@host:port by DICOM TLS, with the certificate of the settings';

/** Exit codes of every command, in its help text too. */
const EXIT = { ok: 0, failed: 1, usage: 64 } as const;

const program = new Command('overread')
  .description("AI second reader that plugs into a hospital's PACS. Research use only, not for diagnosis.")
  .version(packageJson.version)
  // Before the commands are made: each inherits it, so that wrong usage of any of them ends as 64.
  .exitOverride()
  .showHelpAfterError('(add --help for the options)')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed (the reason is on standard error), 64 wrong usage.\nSettings are environment variables: docs/configuration.md lists them.',
  );

program
  .command('serve')
  .description('start the database, the receiver, the worker and the web server; Ctrl-C stops them in order')
  .action(async () => (await import('./commands/serve.ts')).serveCommand());

program
  .command('demo')
  .description('phantom chest CT over a real association -> findings -> report at a PACS -> viewer URL')
  .option('--once', 'end when the report has arrived; exit 0 only if every planted nodule >= 8 mm was found', false)
  .action(async (options: { once: boolean }) => (await import('./commands/demo.ts')).demoCommand(options));

program
  .command('send')
  .description('send DICOM files, or every DICOM file below a folder, by C-STORE')
  .argument('<paths...>', 'files and folders')
  .option('--to <NAME|AET@host:port>', 'the receiving application entity', peerText, 'OVERREAD@127.0.0.1:11112')
  .option('--from <AET>', OUR_TITLE)
  .option('--tls', BY_TLS, false)
  .option('--associations <n>', 'associations in parallel', parseCount, 1)
  .action(async (paths: string[], options: Asked & { to: string; associations: number }) => {
    const { peer: to, from } = await called(options.to, options);
    await (await import('./commands/send.ts')).sendCommand(paths, { ...options, to, from });
  });

program
  .command('echo')
  .description('verify an application entity with C-ECHO')
  .argument('[NAME|AET@host:port]', 'the application entity', peerText, 'OVERREAD@127.0.0.1:11112')
  .option('--from <AET>', OUR_TITLE)
  .option('--tls', BY_TLS, false)
  .action(async (text: string, options: Asked) => {
    const { peer, from } = await called(text, options);
    await (await import('./commands/echo.ts')).echoCommand(peer, { from });
  });

program
  .command('find')
  .description('query an application entity by C-FIND; a line for each match')
  .argument('<NAME|AET@host:port>', 'the application entity', peerText)
  .argument(
    '<keys...>',
    'what is asked for, KEYWORD, and matched, KEYWORD=VALUE: PatientName=WANG* StudyDate=20240101- …',
  )
  .option('--from <AET>', OUR_TITLE)
  .option('--tls', BY_TLS, false)
  .addOption(new Option('--level <level>', 'of the matches').choices(QUERY_LEVELS).default('STUDY'))
  .option('--patient-root', 'query the Patient Root model', false)
  .option('--relational', 'ask for relational queries', false)
  .option('--fuzzy', 'ask for fuzzy matching of names', false)
  .action(async (text: string, keys: string[], options: Asked & Omit<FindOptions, 'from'>) => {
    const { peer, from } = await called(text, options);
    await (await import('./commands/find.ts')).findCommand(peer, keys, { ...options, from });
  });

program
  .command('get')
  .description('fetch a study, a series or an image by C-GET')
  .argument('<NAME|AET@host:port>', 'the application entity', peerText)
  .requiredOption('--study <UID>', 'Study Instance UID')
  .option('--series <UID>', 'Series Instance UID')
  .option('--image <UID>', 'SOP Instance UID')
  .requiredOption('--out <folder>', 'where the files are written')
  .option('--from <AET>', OUR_TITLE)
  .option('--tls', BY_TLS, false)
  .action(async (text: string, options: Asked & Omit<GetOptions, 'from'>) => {
    const { peer, from } = await called(text, options);
    await (await import('./commands/get.ts')).getCommand(peer, { ...options, from });
  });

program
  .command('doctor')
  .description('check this machine and these settings: Node, disk, ports, database, models, viewer, PACS')
  .option('--gpu', 'instead: try each provider of graphics cards, and say what is missing', false)
  .option('--peer <NAME|AET@host:port>', 'instead: ask one peer step by step, and say what to write to its operator')
  .option('--tls', 'with --peer AET@host:port: call it by DICOM TLS', false)
  .addOption(
    new Option('--language <language>', 'with --peer: of the sentences').choices(['en', 'zh-CN']).default('en'),
  )
  .option('--json', 'with --peer: print JSON', false)
  .addHelpText(
    'after',
    '\nExit codes with --peer: 0 all answered, 1 no association, 2 it works in part, 64 wrong usage.',
  )
  .action(async (options: DoctorOptions) =>
    options.peer === undefined
      ? (await import('./commands/doctor.ts')).doctorCommand(options)
      : (await import('./commands/doctor-peer.ts')).doctorPeer(options.peer, options),
  );

program
  .command('routes')
  .description('rules that say which models read a study, and where results go')
  .command('check')
  .description(
    'check a file of rules, and say what it would do with the studies that are stored; nothing is planned or sent',
  )
  .argument('[file]', 'JSON, as docs/routing.md says; none: the one of ROUTES_FILE')
  .option('--rule <name>', 'how near every study comes to this rule')
  .option(
    '--limit <n>',
    'studies that are listed; all are counted',
    (text) => Math.max(0, Number.parseInt(text, 10) || 0),
    100,
  )
  .action(async (file: string | undefined, options: RoutesCheckOptions) =>
    (await import('./commands/routes.ts')).routesCheckCommand(file, options),
  );

addBench(program.command('bench'));
addModel(program.command('model'));

/** What a peer is called by: its name in the table, or its address. */
function peerText(text: string): string {
  const [, , , port] = /^([^@\\]{1,16})@([^@\s]+):(\d{1,5})$/.exec(text) ?? [];
  const isAddress = Number(port) >= 1 && Number(port) <= 65_535;
  if (!isAddress && !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(text))
    throw new InvalidArgumentError('write it as AET@host:port, or as a name of PEERS_FILE');
  return text;
}

/** The peer that is called, and who we are to it. */
async function called(text: string, { from, tls }: Asked) {
  const { peer, us } = await (await import('./called-peer.ts')).calledBySettings(text, tls);
  return { peer, from: from ?? us };
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 32) throw new InvalidArgumentError('a number from 1 to 32');
  return count;
}

/** One line for an error with a name; the stack only for a bug. */
function explain(error: unknown): string {
  if (error instanceof AppError) return `${error.code}: ${error.message}`;
  if (error instanceof z.ZodError) return `a file or an answer is not what it should be\n${z.prettifyError(error)}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  const code: unknown = await program.parseAsync().then(() => process.exitCode ?? EXIT.ok);
  process.exitCode = Number(code);
} catch (error) {
  if (error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.'))
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else {
    process.stderr.write(`overread: ${explain(error)}\n`);
    process.exitCode = EXIT.failed;
  }
}
