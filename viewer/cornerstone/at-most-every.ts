/** `told` at once for the first call, and for those of the next `pauseMs` together at the end of them. */
export function atMostEvery(pauseMs: number, told: () => void): () => void {
  let pause: ReturnType<typeof setTimeout> | undefined;
  let more = false;
  const over = () => {
    pause = undefined;
    if (more) tell();
  };
  const tell = () => {
    more = false;
    pause = setTimeout(over, pauseMs);
    told();
  };
  return () => {
    if (pause === undefined) tell();
    else more = true;
  };
}
