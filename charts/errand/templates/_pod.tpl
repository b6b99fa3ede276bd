{{/* What all of our own pods have in common: the parts, and the doctor of `helm test`. */}}

{{/* A list of the root and the part. */}}
{{- define "errand.env" -}}
{{- $root := index . 0 -}}
{{- $values := $root.Values -}}
- { name: GITLAB_URL, value: {{ $values.gitlab.url | quote }} }
- { name: ERRAND_URL, value: {{ $values.url | quote }} }
- { name: ERRAND_DOOR_URL, value: {{ include "errand.doorUrl" $root | quote }} }
- { name: ERRAND_RUNNER, value: kubernetes }
- { name: ERRAND_CONFIG, value: /etc/errand/config/errand.yaml }
{{- with $values.login.clientId }}
- { name: OAUTH_CLIENT_ID, value: {{ . | quote }} }
{{- end }}
{{- with $values.models.anthropicBaseUrl }}
- { name: ANTHROPIC_BASE_URL, value: {{ . | quote }} }
{{- end }}
{{- with $values.models.openaiBaseUrl }}
- { name: OPENAI_BASE_URL, value: {{ . | quote }} }
{{- end }}
{{- with $values.models.geminiBaseUrl }}
- { name: GEMINI_BASE_URL, value: {{ . | quote }} }
{{- end }}
{{- range include "errand.secretNames" $root | fromJsonArray }}
{{- if eq . "REDIS_URL" }}
- name: REDIS_URL
  valueFrom: { secretKeyRef: { name: {{ include "errand.secretOf" (list $root .) }}, key: REDIS_URL } }
{{- else if eq . "REDIS_PASSWORD" }}
- name: REDIS_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ include "errand.secretOf" (list $root .) }}, key: REDIS_PASSWORD } }
- { name: REDIS_URL, value: 'redis://:$(REDIS_PASSWORD)@{{ include "errand.fullname" $root }}-redis.{{ $root.Release.Namespace }}.svc:6379' }
{{- else }}
- { name: {{ . }}_FILE, value: /etc/errand/secrets/{{ . }} }
{{- end }}
{{- end }}
{{- if include "errand.ca" $root }}
- { name: NODE_EXTRA_CA_CERTS, value: /etc/errand/ca/{{ $values.ca.key }} }
{{- end }}
{{- with include "errand.proxy" $root | fromYaml }}
{{- range $name, $value := . }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- /* By itself Node does not look at them. */}}
- { name: NODE_USE_ENV_PROXY, value: '1' }
{{- end }}
{{- with $values.apiServer.host }}
- { name: KUBERNETES_SERVICE_HOST, value: {{ . | quote }} }
- { name: KUBERNETES_SERVICE_PORT, value: {{ $values.apiServer.port | toString | quote }} }
{{- end }}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "errand.mounts" -}}
- { name: config, mountPath: /etc/errand/config, readOnly: true }
- { name: secrets, mountPath: /etc/errand/secrets, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- if include "errand.ca" . }}
- { name: ca, mountPath: /etc/errand/ca, readOnly: true }
{{- end }}
{{- range $index, $name := .Values.secrets.extra }}
- { name: extra-{{ $index }}, mountPath: /etc/errand/extra/{{ $name }}, readOnly: true }
{{- end }}
{{- end -}}

{{/* A list of the root and the part. */}}
{{- define "errand.volumes" -}}
{{- $root := index . 0 -}}
{{- $values := $root.Values -}}
- name: config
  configMap:
    name: {{ include "errand.fullname" $root }}
    items: [{ key: {{ index . 1 }}.yaml, path: errand.yaml }]
- name: secrets
  projected:
    defaultMode: 288
    sources:
      {{- range $secret := list $values.secrets.existing (include "errand.fullname" $root) }}
      {{- $items := list }}
      {{- range include "errand.secretNames" $root | fromJsonArray }}
      {{- if and (not (hasPrefix "REDIS_" .)) (eq $secret (include "errand.secretOf" (list $root .))) }}
      {{- $items = append $items (dict "key" . "path" .) }}
      {{- end }}
      {{- end }}
      {{- with $items }}
      - secret:
          name: {{ $secret }}
          items: {{ toYaml . | nindent 12 }}
      {{- end }}
      {{- end }}
- name: tmp
  emptyDir: { sizeLimit: 256Mi }
{{- with include "errand.ca" $root }}
- name: ca
  configMap: { name: {{ . }} }
{{- end }}
{{- range $index, $name := $values.secrets.extra }}
- name: extra-{{ $index }}
  secret: { secretName: {{ $name }}, defaultMode: 288 }
{{- end }}
{{- end -}}

{{/* The restricted profile of Pod Security; a list of the user, or nil for the cluster's choice. */}}
{{- define "errand.podSecurity" -}}
runAsNonRoot: true
{{- with index . 0 }}
runAsUser: {{ int . }}
runAsGroup: {{ int . }}
fsGroup: {{ int . }}
{{- end }}
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "errand.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: { drop: [ALL] }
{{- end -}}
