{{- define "insightcrm.labels" -}}
app.kubernetes.io/name: insightcrm
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* What all pods are known by. */}}
{{- define "insightcrm.ours" -}}
app.kubernetes.io/name: insightcrm
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* What a Service, a budget and a policy know the pods of a role by. */}}
{{- define "insightcrm.selector" -}}
{{ include "insightcrm.ours" .root }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "insightcrm.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "insightcrm.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "insightcrm.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* Of a value: a million is no 1e+06. */}}
{{- define "insightcrm.text" -}}
{{ if kindIs "float64" . }}{{ . | int64 | quote }}{{ else }}{{ . | quote }}{{ end }}
{{- end }}

{{/* Variables of a role, as data of a ConfigMap: those of all, of the role, and what fits the manifest. */}}
{{- define "insightcrm.variables" -}}
{{- $shutdown := .root.Values.shutdown -}}
{{- $own := dict "NODE_ENV" "production" "APP_ROLE" .role "PORT" "5000" "SHUTDOWN_TIMEOUT_MS" ($shutdown.drainMs | int | toString) -}}
{{- if eq .role "api" }}{{ $_ := set $own "SHUTDOWN_DELAY_MS" ($shutdown.apiDelayMs | int | toString) }}{{ end -}}
{{- with .root.Values.redisTls }}
{{- if .secretName }}{{ $_ := set $own "REDIS_CA_FILE" "/etc/redis-tls/ca.crt" }}{{ end -}}
{{- if and .secretName .clientCertificate }}
{{- $_ := set $own "REDIS_CERT_FILE" "/etc/redis-tls/tls.crt" }}
{{- $_ := set $own "REDIS_KEY_FILE" "/etc/redis-tls/tls.key" }}
{{- end }}
{{- end }}
{{- range $name, $value := mergeOverwrite (dict) .root.Values.config (get .root.Values .role).config $own }}
{{ $name }}: {{ include "insightcrm.text" $value }}
{{- end }}
{{- end }}

{{/* The pod of a role. Argument: root, role. */}}
{{- define "insightcrm.pod" -}}
{{- $values := get .root.Values .role -}}
{{- $shutdown := .root.Values.shutdown -}}
{{- $config := mergeOverwrite (dict) .root.Values.config $values.config -}}
{{- /* Where spans are sent, the last of them may take that long. */ -}}
{{- $flushMs := ternary (get $config "TRACE_FLUSH_TIMEOUT_MS" | default 5000 | int) 0 (hasKey $config "OTEL_EXPORTER_OTLP_ENDPOINT") -}}
{{- $neededMs := add (mul 1000 $shutdown.preStopSeconds) $shutdown.apiDelayMs $shutdown.drainMs 4000 $flushMs -}}
{{- if lt (mul 1000 $shutdown.graceSeconds | int) ($neededMs | int) -}}
{{- fail (printf "shutdown.graceSeconds: expected %d or more: preStop, apiDelay, drain, 4 s and what traces take" (div (add $neededMs 999) 1000)) -}}
{{- end -}}
metadata:
  labels:
    {{- include "insightcrm.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
  annotations:
    # Pods are replaced when their variables change.
    checksum/config: {{ include "insightcrm.variables" . | sha256sum }}
    {{- with .root.Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ .root.Release.Name }}
  {{- include "insightcrm.podSecurity" .root | nindent 2 }}
  terminationGracePeriodSeconds: {{ .root.Values.shutdown.graceSeconds }}
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .root.Values.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{ include "insightcrm.selector" $ | nindent 10 }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  containers:
    - name: {{ .role }}
      image: {{ include "insightcrm.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      {{- include "insightcrm.containerSecurity" .root | nindent 6 }}
      envFrom:
        - configMapRef: { name: {{ .root.Release.Name }}-{{ .role }} }
        - secretRef: { name: {{ .root.Values.secretName }} }
      ports:
        - { name: http, containerPort: 5000 }
      # Ready only when Redis and, in a worker, the indexes are found: a start may wait for them without end.
      startupProbe:
        httpGet: { path: /health/live, port: http }
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 30
      readinessProbe:
        httpGet: { path: /health/ready, port: http }
        periodSeconds: 2
        timeoutSeconds: 1
        failureThreshold: 2
      livenessProbe:
        httpGet: { path: /health/live, port: http }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      lifecycle:
        preStop:
          sleep: { seconds: {{ .root.Values.shutdown.preStopSeconds }} }
      resources: {{ toYaml $values.resources | nindent 8 }}
      {{- if .root.Values.redisTls.secretName }}
      volumeMounts:
        - { name: redis-tls, mountPath: /etc/redis-tls, readOnly: true }
  volumes:
    - name: redis-tls
      secret: { secretName: {{ .root.Values.redisTls.secretName }} }
      {{- end }}
{{- end }}

{{- define "insightcrm.ports" -}}
[{{ range $index, $port := . }}{{ if $index }}, {{ end }}{ port: {{ $port }}, protocol: TCP }{{ end }}]
{{- end }}
