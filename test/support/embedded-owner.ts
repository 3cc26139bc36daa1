import { startEmbeddedDatabase } from '../../services/store/embedded-database.ts';
import { fakeContext } from './fake-context.ts';

/** A process that owns the embedded database of the folder it is given, for tests that kill it. Says its URL on its channel. */
const [folder = ''] = process.argv.slice(2);
const database = await startEmbeddedDatabase(folder, fakeContext().log);
process.send?.({ url: database.url });
process.on('SIGTERM', () => void database.stop().then(() => process.exit(0)));
