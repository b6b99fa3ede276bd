{{/* The YAML file that ERRAND_CONFIG names: what the operator says, and what the chart knows better. A list of the root and the part. */}}
{{- define "errand.config" -}}
{{- $root := index . 0 -}}
{{- $values := $root.Values -}}
{{- $part := index $values (index . 1) -}}
{{- $given := deepCopy ($values.config | default dict) -}}
{{- $kubernetes := get $given "kubernetes" | default dict -}}
{{- $runs := include "errand.forRuns" $root | fromYaml -}}
{{- $_ := set $kubernetes "namespace" (include "errand.runsNamespace" $root) -}}
{{- $_ := set $kubernetes "image" (include "errand.image" (list $values.runs.image $root.Chart.AppVersion)) -}}
{{- with merge (get $kubernetes "environment" | default dict) ($runs.environment | default dict) }}{{ $_ := set $kubernetes "environment" . }}{{ end -}}
{{- with concat (get $kubernetes "volumes" | default list) ($runs.volumes | default list) }}{{ $_ := set $kubernetes "volumes" . }}{{ end -}}
{{- $_ := set $given "kubernetes" $kubernetes -}}
{{- $_ := set $given "listen" (dict "host" $values.listenHost "port" (int $values.serve.port)) -}}
{{- $_ := set $given "door" (dict "host" $values.listenHost "port" (int $values.door.port)) -}}
{{- $_ := set $given "health" (dict "host" $values.listenHost "port" (int $part.healthPort)) -}}
{{- toYaml $given -}}
{{- end -}}

{{/* What a company's network needs, as variables and volumes of the runs. */}}
{{- define "errand.forRuns" -}}
environment:
  {{- if include "errand.ca" . }}
  {{- range list "NODE_EXTRA_CA_CERTS" "SSL_CERT_FILE" "GIT_SSL_CAINFO" "CURL_CA_BUNDLE" "REQUESTS_CA_BUNDLE" "PIP_CERT" "NPM_CONFIG_CAFILE" }}
  {{ . }}: /etc/errand-ca/{{ $.Values.ca.key }}
  {{- end }}
  {{- end }}
  {{- include "errand.proxy" . | nindent 2 }}
  {{- with .Values.mirrors.npm }}
  NPM_CONFIG_REGISTRY: {{ . | quote }}
  {{- end }}
  {{- with .Values.mirrors.pip }}
  PIP_INDEX_URL: {{ . | quote }}
  UV_DEFAULT_INDEX: {{ . | quote }}
  {{- end }}
  {{- with .Values.mirrors.go }}
  GOPROXY: {{ . | quote }}
  {{- end }}
volumes:
  {{- with include "errand.ca" . }}
  - name: errand-ca
    mountPath: /etc/errand-ca
    readOnly: true
    source: { configMap: { name: {{ . | quote }} } }
  {{- end }}
{{- end -}}

{{/* The ConfigMap with the CA bundle, in both namespaces; nothing where there is none. */}}
{{- define "errand.ca" -}}
{{- if .Values.ca.existingConfigMap }}{{ .Values.ca.existingConfigMap }}{{ else if .Values.ca.bundle }}{{ include "errand.fullname" . }}-ca{{ end -}}
{{- end -}}

{{/* The variables of a proxy, as a map: in capitals and small, as some programs (curl for http://, for one) read the small ones only. */}}
{{- define "errand.proxy" -}}
{{- if or .Values.proxy.http .Values.proxy.https -}}
{{- $direct := concat (compact (splitList "," .Values.proxy.except)) (list "localhost" "127.0.0.1" ".svc" ".cluster.local") -}}
{{- with .Values.door.url }}{{ $direct = append $direct (urlParse .).hostname }}{{ end -}}
{{- range $name, $value := dict "HTTP_PROXY" .Values.proxy.http "HTTPS_PROXY" .Values.proxy.https "NO_PROXY" (uniq $direct | join ",") }}
{{- if $value }}
{{ $name }}: {{ $value | quote }}
{{ lower $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}
