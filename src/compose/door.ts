/** Where devices and agencies come in: the gateway's own MQTT endpoint, or a broker in its place. */
import { readFile } from 'node:fs/promises';
import { BrokerLink } from '../adapters/broker/broker-link.js';
import { ENDPOINT_DEFAULTS } from '../adapters/mqtt/endpoint-options.js';
import { SocketEndpoint } from '../adapters/mqtt/socket-endpoint.js';
import { TlsDoor } from '../adapters/mqtt/tls-door.js';
import { descriptorLimit, socketShares } from '../adapters/system/descriptors.js';
import { HANDSHAKE_LIMITS } from '../adapters/tls/handshake-gate.js';
import type { TlsFiles } from '../adapters/tls/tls-files.js';
import type { MqttEndpoint, MqttHandlers } from '../ports/mqtt-endpoint.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { GatewaySettings } from './settings.js';

export interface Door {
  readonly behindBroker: boolean;
  readonly endpoint: (handlers: MqttHandlers) => MqttEndpoint;
  /** Opens the TLS port too; resolves with it, null where there is none. After the endpoint was made. */
  listenTls(): Promise<number | null>;
  /** Why nothing comes in now; empty: it does. */
  reasons(): string[];
}

/** `gatewayId`: the same for as long as the data folder lives. */
export async function chooseDoor(
  c: GatewaySettings,
  gatewayId: string,
  telemetry: Telemetry,
  tls: TlsFiles | null,
): Promise<Door> {
  const { mqttBrokerUrl: url, mqttBrokerUser: user, mqttBrokerPassword: password, mqttBrokerCa } = c;
  if (url === undefined) {
    return ownEndpoint(c, tls, telemetry);
  }
  const ca = mqttBrokerCa === undefined ? undefined : await readFile(mqttBrokerCa, 'utf8');
  let link: BrokerLink | null = null;
  return {
    behindBroker: true,
    endpoint: (handlers) => {
      link = new BrokerLink(handlers, {
        address: { url, user, password, ca },
        // A session that is left behind goes on being dealt its share of the uploads: it must not change with the listener
        // (some brokers put the user name in the client id's place) nor with the data folder.
        clientId: user ?? `fairwatch-${gatewayId}`,
        telemetry,
      });
      return link;
    },
    listenTls: () => Promise.resolve(null),
    reasons: () => link?.reasons() ?? [],
  };
}

function ownEndpoint(c: GatewaySettings, tls: TlsFiles | null, telemetry: Telemetry): Door {
  let listenTls = (): Promise<number | null> => Promise.resolve(null);
  return {
    behindBroker: false,
    endpoint: (handlers) => {
      // descriptors that idle strangers hold are none for the journal
      const shares = socketShares(descriptorLimit());
      const connections = shares.mqtt + (tls === null ? shares.handshakes : 0);
      const connectionsMax = Math.min(ENDPOINT_DEFAULTS.connectionsMax, connections);
      const waitingMax = Math.min(HANDSHAKE_LIMITS.waitingMax, shares.handshakes);
      if (connectionsMax < ENDPOINT_DEFAULTS.connectionsMax) {
        telemetry.log('info', 'connections_bounded_by_descriptors', { connections: connectionsMax });
      }
      const endpoint = new SocketEndpoint(handlers, { connectionsMax });
      const refused = (reason: string): void => handlers.refused(reason, null);
      listenTls = async () => {
        if (tls === null) return null;
        return endpoint.open(
          (take) => new TlsDoor(take, { files: tls, refused, limits: { waitingMax } }),
          c.mqttsHost,
          c.mqttsPort,
        );
      };
      return endpoint;
    },
    listenTls: () => listenTls(),
    reasons: () => [],
  };
}
