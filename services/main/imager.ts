import { ImageRequest, type ImagerMessage } from '../domain/image-request.ts';
import { answerImageRequest } from '../imaging/answer-image-request.ts';
import { OpenImages } from '../imaging/open-images.ts';
import { serveParent } from '../isolation/parent-channel.ts';
import { placeOf } from '../isolation/place-of.ts';

/**
 * An imager: decodes hostile pixels for web clients, and answers with bytes. It has no environment, no credentials and,
 * besides the files it is asked for, one open file, the channel to its web server; when that closes, it ends. It must
 * never be trusted, only killed.
 */
const MAX_REQUEST_BYTES = 64 * 1024;
const OPEN_IMAGES = 4;
/** Pixels lie outside the heap: without a collection they would wait for one that seldom comes. */
const COLLECTED_BYTES = 128 * 1024 * 1024;

const images = new OpenImages(OPEN_IMAGES);

serveParent(MAX_REQUEST_BYTES, async (said, channel) => {
  const request = ImageRequest.parse(said);
  try {
    const { message, payload } = await answerImageRequest(request, images);
    await channel.send(message, payload);
  } catch (error) {
    await channel.send({ type: 'bug', id: request.id, place: placeOf(error) } satisfies ImagerMessage);
  }
  if (process.memoryUsage().arrayBuffers > COLLECTED_BYTES) globalThis.gc?.();
});
