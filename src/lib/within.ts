/**
 * The outcome of the work, or a rejection after `ms`: nobody who asks how things stand waits for what never answers. The work
 * itself goes on.
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ms).unref();
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
