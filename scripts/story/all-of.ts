/** Like `Promise.all`, but when one fails the others have ended too: each that started is known and can be stopped. */
export async function allOf<T extends readonly Promise<unknown>[]>(starting: readonly [...T]) {
  await Promise.allSettled(starting);
  return Promise.all(starting);
}
