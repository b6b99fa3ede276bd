/** Values of every kind of install; all that the chart can render is in one of them. */

const AUTOSCALED = { autoscaling: { enabled: true }, disruptionBudget: { enabled: true } }

export const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nplanted\n-----END CERTIFICATE-----\n'

export const MATRIX: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'the least': {},
  'all in one': { allInOne: true, all: { replicas: 2, disruptionBudget: { enabled: true } } },
  'everything scaled and watched': {
    serve: AUTOSCALED,
    work: AUTOSCALED,
    door: AUTOSCALED,
    metrics: {
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      prometheusRule: { enabled: true },
      dashboard: { enabled: true },
    },
    networkPolicy: {
      serveFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress' } } }],
      metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    },
  },
  'an Ingress': { ingress: { enabled: true, className: 'nginx', annotations: { a: 'b' }, tlsSecret: 'errand-tls' } },
  'an HTTPRoute': { httpRoute: { enabled: true, parentRefs: [{ name: 'gateway', namespace: 'infra' }] } },
  'a door behind a name': {
    door: { url: 'https://door.example.com', from: [{ namespaceSelector: { matchLabels: { name: 'ingress' } } }] },
    runs: { network: { internet: true, door: [{ cidr: '192.0.2.1/32' }], findApiServer: false } },
    networkPolicy: { serveFrom: [{ ipBlock: { cidr: '192.0.2.0/24' } }] },
    service: { type: 'LoadBalancer' },
    secrets: { existing: 'mine', keys: ['REDIS_PASSWORD'] },
    redis: { persistence: { whenDeleted: 'Retain' } },
  },
  'secrets of the operator': {
    secrets: {
      existing: 'mine',
      keys: ['REDIS_URL', 'ERRAND_KEY', 'ANTHROPIC_API_KEY'],
      values: { OPENAI_API_KEY: 'planted-OPENAI_API_KEY', GEMINI_API_KEY: 'planted-GEMINI_API_KEY' },
      extra: ['tracker'],
    },
  },
  'gateways of models, and a token': {
    models: {
      anthropicBaseUrl: 'https://models.example.com/anthropic',
      openaiBaseUrl: 'https://models.example.com/v1',
      geminiBaseUrl: 'https://models.example.com/gemini',
    },
    secrets: { values: { ANTHROPIC_AUTH_TOKEN: 'planted-ANTHROPIC_AUTH_TOKEN' } },
    redis: { external: 'rediss://redis.example.com:6380' },
  },
  "a company's network": {
    ca: { bundle: CERTIFICATE },
    proxy: {
      http: 'http://proxy.example.com:3128',
      https: 'http://proxy.example.com:3128',
      except: 'gitlab.example.com',
    },
    mirrors: {
      npm: 'https://packages.example.com/npm/',
      pip: 'https://packages.example.com/pypi/simple',
      go: 'https://packages.example.com/go,direct',
    },
    runs: {
      network: {
        allow: [
          { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'], ports: [443] },
          { cidr: '::/0' },
          { namespaceLabels: { 'kubernetes.io/metadata.name': 'mirrors' }, podLabels: { app: 'npm' }, ports: [4873] },
        ],
        apiServer: ['10.96.0.1', '192.0.2.10'],
        dns: { cidrs: ['169.254.20.10/32'] },
      },
    },
    imagePullSecrets: ['registry'],
  },
  'a CA bundle that is there': { ca: { existingConfigMap: 'company-ca', key: 'bundle.pem' } },
  'a bare cluster': {
    hostNetwork: true,
    strategy: { type: 'Recreate' },
    door: { url: 'http://10.244.0.1:8081' },
    redis: { external: 'redis://127.0.0.1:6379' },
    apiServer: { host: '127.0.0.1' },
  },
  'as little as can be': {
    runs: {
      namespace: 'given',
      createNamespace: false,
      quota: { enabled: false },
      limitRange: { enabled: false },
      network: { enabled: false },
      admissionPolicy: { enabled: false },
    },
    networkPolicy: { enabled: false },
    serviceAccount: { create: false, name: 'given' },
    redis: { persistence: { enabled: false } },
    fullnameOverride: 'x',
  },
  'pods placed and labelled': {
    user: null,
    extraEnv: [{ name: 'OTEL_SERVICE_NAME', value: 'errand' }],
    serve: {
      annotations: { a: 'b' },
      labels: { team: 'platform' },
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'dedicated', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} },
      ],
      priorityClassName: 'high',
    },
    work: { nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'dedicated', operator: 'Exists' }] },
    redis: { nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'dedicated', operator: 'Exists' }] },
    config: {
      agent: { name: 'claude', model: 'claude-sonnet' },
      kubernetes: {
        images: { java: 'registry.example.com/java:21' },
        projects: { 'a/b': { image: 'registry.example.com:5000/special@sha256:abc' } },
        volumes: [{ name: 'cache', mountPath: '/cache', source: { secret: { secretName: 'listed' } } }],
      },
    },
  },
}

/** Clusters of every age; helm asks them what they know. */
export const CLUSTERS: Readonly<Record<string, readonly string[]>> = {
  '1.20': ['--kube-version', '1.20.2'],
  '1.34': [
    '--kube-version',
    '1.34.1',
    '--api-versions',
    'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy,gateway.networking.k8s.io/v1',
  ],
}
