# files: pom.xml src/
FROM eclipse-temurin:21-jdk AS build
WORKDIR /b
COPY . .
RUN ./mvnw -q -DskipTests package && java -Djarmode=tools -jar target/invoice.jar extract --layers --destination out
FROM eclipse-temurin:21-jre
RUN addgroup --system spring && adduser --system --ingroup spring spring
USER spring:spring
WORKDIR /application
COPY --from=build /b/out/dependencies/ ./
COPY --from=build /b/out/spring-boot-loader/ ./
COPY --from=build /b/out/snapshot-dependencies/ ./
COPY --from=build /b/out/application/ ./
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=75", "-jar", "invoice.jar"]
