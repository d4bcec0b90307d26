/** What is told, is told by the owner of the data folder: one that was superseded while it stood still tells nobody anything. */
import type { FolderLock } from '../adapters/files/folder-lock.js';
import type { MqttEndpoint } from '../ports/mqtt-endpoint.js';

export function asOwner(
  lock: Pick<FolderLock, 'check'>,
  endpoint: Pick<MqttEndpoint, 'publish'>,
): Pick<MqttEndpoint, 'publish'> {
  return {
    publish: async (...told) => {
      lock.check();
      return endpoint.publish(...told);
    },
  };
}
