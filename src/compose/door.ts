/** Where devices and agencies come in: the gateway's own MQTT endpoint, or a broker in its place. */
import { readFile } from 'node:fs/promises';
import { BrokerLink } from '../adapters/broker/broker-link.js';
import { SocketEndpoint } from '../adapters/mqtt/socket-endpoint.js';
import type { MqttEndpoint, MqttHandlers } from '../ports/mqtt-endpoint.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { GatewaySettings } from './settings.js';

export interface Door {
  readonly behindBroker: boolean;
  readonly endpoint: (handlers: MqttHandlers) => MqttEndpoint;
  /** Why nothing comes in now; empty: it does. */
  reasons(): string[];
}

/** `gatewayId`: the same for as long as the data folder lives. */
export async function chooseDoor(c: GatewaySettings, gatewayId: string, telemetry: Telemetry): Promise<Door> {
  const { mqttBrokerUrl: url, mqttBrokerUser: user, mqttBrokerPassword: password, mqttBrokerCa } = c;
  if (url === undefined) {
    return { behindBroker: false, endpoint: (handlers) => new SocketEndpoint(handlers), reasons: () => [] };
  }
  const ca = mqttBrokerCa === undefined ? undefined : await readFile(mqttBrokerCa, 'utf8');
  let link: BrokerLink | null = null;
  return {
    behindBroker: true,
    endpoint: (handlers) => {
      link = new BrokerLink(handlers, {
        address: { url, user, password, ca },
        clientId: `fairwatch-${gatewayId}`,
        telemetry,
      });
      return link;
    },
    reasons: () => link?.reasons() ?? [],
  };
}
