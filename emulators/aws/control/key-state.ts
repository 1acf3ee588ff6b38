import type { KeyState } from '../model/state';
import type { World } from '../model/world';

/**
 * Puts a key into a state that no API call here leads to, such as `Unavailable`, which AWS gives to keys whose
 * custom key store is disconnected.
 * @throws RangeError if there is no such key
 */
export function setKeyState(world: World, wanted: { keyArn: string; state: KeyState }): void {
  const key = world.state.keys.get(wanted.keyArn);
  if (key === undefined) throw new RangeError(`no key ${wanted.keyArn}`);
  key.state = wanted.state;
  key.deletionAt = undefined;
  world.save();
}
