import { Segmenter } from '../detection/segment-request.ts';
import { SegmentationRequest, type SegmenterMessage } from '../domain/segmentation.ts';
import { refusalReason } from '../imaging/refusal.ts';
import { SliceThreads } from '../imaging/slice-threads.ts';
import { serveParent } from '../isolation/parent-channel.ts';
import { placeOf } from '../isolation/place-of.ts';

/**
 * A segmenter: reads hostile files and says what is at a point of them. Like an imager it has no environment, no
 * credentials and one open file, the channel to its web server; it must never be trusted, only killed.
 */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;

const segmenter = new Segmenter(new SliceThreads());

serveParent(MAX_REQUEST_BYTES, async (said, channel) => {
  const request = SegmentationRequest.parse(said);
  const { id } = request;
  const say = (message: SegmenterMessage) => channel.send(message);
  try {
    await say({ type: 'lesion', id, lesion: await segmenter.segment(request) });
  } catch (error) {
    const reason = refusalReason(error);
    await say(reason ? { type: 'refused', id, reason } : { type: 'bug', id, place: placeOf(error) });
  }
  globalThis.gc?.(); // volumes lie outside the heap: without this they wait for a collection that seldom comes
});
