{{/* What must be true of a run, in CEL: a list of the root, where the pod's specification is, and where the name of its Job is. */}}
{{- define "errand.mustHold" -}}
{{- $root := index . 0 -}}
{{- $spec := index . 1 -}}
{{- $all := printf "(%s.containers + (has(%s.initContainers) ? %s.initContainers : []))" $spec $spec $spec -}}
{{- $images := include "errand.runImages" $root -}}
{{- $isJob := hasPrefix "object.spec.template" $spec -}}
{{- $kubernetes := $root.Values.config.kubernetes | default dict -}}
- expression: has(object.metadata.labels) && 'errand/task' in object.metadata.labels
  message: 'Only runs of Errand may be here: the label errand/task is missing.'
- expression: has({{ $spec }}.automountServiceAccountToken) && !{{ $spec }}.automountServiceAccountToken
  message: A run has no token of the cluster (automountServiceAccountToken has to be false).
- expression: "!has({{ $spec }}.serviceAccountName) || {{ $spec }}.serviceAccountName in ['', 'default']"
  message: A run has no service account.
- expression: "[has({{ $spec }}.hostNetwork) && {{ $spec }}.hostNetwork, has({{ $spec }}.hostPID) && {{ $spec }}.hostPID, has({{ $spec }}.hostIPC) && {{ $spec }}.hostIPC].all(shared, !shared)"
  message: A run shares nothing with its node.
- expression: "{{ $all }}.all(c, {{ $images }}.exists(i, c.image == i || c.image.startsWith(i + ':') || c.image.startsWith(i + '@')))"
  message: A run has one of the images that the configuration names.
- expression: "{{ $all }}.all(c, has(c.securityContext) && has(c.securityContext.allowPrivilegeEscalation) && !c.securityContext.allowPrivilegeEscalation && has(c.securityContext.readOnlyRootFilesystem) && c.securityContext.readOnlyRootFilesystem && has(c.securityContext.capabilities) && has(c.securityContext.capabilities.drop) && 'ALL' in c.securityContext.capabilities.drop && !has(c.securityContext.capabilities.add))"
  message: A run has no privileges, and a root file system that is read-only.
- expression: "{{ $all }}.all(c, !has(c.envFrom) && (!has(c.env) || c.env.all(e, !has(e.valueFrom))))"
  message: No variable of a run comes from a Secret or a ConfigMap.
- expression: {{ printf "!has(%s.volumes) || %s.volumes.all(v, %s)" $spec $spec (include "errand.mayMount" (list $root (index . 2))) | toRawJson }}
  message: A run mounts empty folders, its own Secret and the volumes that config.kubernetes.volumes names, and nothing else.
- expression: "!has({{ $spec }}.nodeName) || {{ $spec }}.nodeName == ''"
  message: A run names no node (nodeName); the scheduler finds it one.
{{- /* In a pod the cluster itself may have put these: of the default service account, and of a class that is everybody's. */}}
{{- if $isJob }}
- expression: {{ printf "!has(%s.imagePullSecrets) || %s.imagePullSecrets.all(s, s.name in %s)" $spec $spec ($kubernetes.pullSecrets | default list | toRawJson) | toRawJson }}
  message: A run has the image pull secrets that config.kubernetes.pullSecrets names, and no other.
- expression: {{ printf "!has(%s.priorityClassName) || %s.priorityClassName in %s" $spec $spec (list "" ($kubernetes.priorityClass | default "") | uniq | toRawJson) | toRawJson }}
  message: A run has the priority class that config.kubernetes.priorityClass names, or none.
{{- end }}
- expression: "{{ $spec }}.containers.all(c, has(c.resources) && has(c.resources.limits) && 'memory' in c.resources.limits)"
  message: A run has a limit of memory.
{{- end -}}

{{/* All images that runs may have, as a list in CEL; without their tags, as the worker before an upgrade still starts the one before. */}}
{{- define "errand.runImages" -}}
{{- $kubernetes := .Values.config.kubernetes | default dict -}}
{{- $images := concat (list (include "errand.image" (list .Values.runs.image .Chart.AppVersion))) .Values.runs.admissionPolicy.images (values ($kubernetes.images | default dict)) -}}
{{- range values ($kubernetes.projects | default dict) }}{{ with .image }}{{ $images = append $images . }}{{ end }}{{ end -}}
{{- $repositories := list -}}
{{- range $images }}{{ $repositories = append $repositories (regexReplaceAll "(@.*|:[^/]*)$" . "") }}{{ end -}}
{{- $repositories | uniq | sortAlpha | toJson | replace "\"" "'" -}}
{{- end -}}
