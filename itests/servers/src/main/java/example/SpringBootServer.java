package example;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class SpringBootServer {
    public static void main(String[] arguments) {
        SpringApplication.run(SpringBootServer.class, arguments);
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> namedSocket() {
        return factory -> factory.setProtocol(NamedSocketProtocol.class.getName());
    }

    @GetMapping("/")
    String hello() {
        return "hello from Spring Boot\n";
    }
}
