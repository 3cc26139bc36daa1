import { join } from 'node:path';
import { startStorageScp } from '../dicom/net/storage-scp.ts';
import { receiveInstance } from '../pipeline/receive-instance.ts';
import { connect } from '../store/connect.ts';
import { instanceStore } from '../store/instance-store.ts';
import { seriesIndex } from '../store/series-index.ts';
import { required, runRole } from './role.ts';

const MB = 1024 * 1024;
